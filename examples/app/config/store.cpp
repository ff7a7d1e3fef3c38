#include "config/store.hpp"

#include "base/crc.hpp"

namespace app {
namespace {

constexpr std::uint32_t magic = 0x434a4601;  // "\1FJC"
constexpr std::size_t header_words = 3;
static_assert(header_words + parameter_count + 1 <= ConfigPages::words_a_page);

Bytes bytes_of(std::span<const std::uint32_t> words) {
    return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
}

/// Number of values in a whole record; 0 when the page holds none.
std::size_t values_in(const ConfigPages::Page& page) {
    const std::size_t count = page[2];
    if (page[0] != magic || count == 0 || count > ConfigPages::words_a_page - header_words - 1) return 0;
    const std::span<const std::uint32_t> covered{page.data(), header_words + count};
    return crc32(bytes_of(covered)) == page[header_words + count] ? count : 0;
}

}  // namespace

bool ConfigStore::load(Parameters& parameters) {
    std::uint32_t newest = 0;
    for (unsigned p = 0; p < 2; ++p) {
        const ConfigPages::Page page = pages_->read(p);
        const std::size_t count = values_in(page);
        if (count == 0 || page[1] <= newest) continue;
        newest = page[1];
        page_ = p;
        parameters.restore_defaults();
        for (std::size_t i = 0; i < count && i < parameter_count; ++i) {
            // A value that this release does not take keeps its default.
            (void)parameters.set(static_cast<Parameter>(i), static_cast<std::int32_t>(page[header_words + i]));
        }
    }
    if (newest == 0) return false;
    revision_ = newest;
    return true;
}

bool ConfigStore::save(const Parameters& parameters) {
    ConfigPages::Page record{};
    record[0] = magic;
    record[1] = revision_ + 1;
    record[2] = parameter_count;
    for (std::size_t i = 0; i < parameter_count; ++i) {
        record[header_words + i] = static_cast<std::uint32_t>(parameters.values()[i]);
    }
    const std::size_t covered = header_words + parameter_count;
    record[covered] = crc32(bytes_of({record.data(), covered}));
    const unsigned other = page_ ^ 1U;
    if (!pages_->replace(other, {record.data(), covered + 1})) return false;
    page_ = other;
    ++revision_;
    return true;
}

}  // namespace app
