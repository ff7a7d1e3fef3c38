#include "core/delta/vcdiff_header.hpp"

#include <algorithm>
#include <cstddef>

namespace sb {
namespace {

// Bytes of the header by their place.
constexpr unsigned version_field = vcdiff_magic.size();
constexpr unsigned indicator_field = version_field + 1;
constexpr unsigned size_field = version_field + 3;  // behind a byte that names the secondary compressor

}  // namespace

Result<bool> VcdiffHeader::take(std::uint8_t byte) {
    if (seen_ < size_field) {
        const unsigned at = seen_++;
        if (at < vcdiff_magic.size() && byte != vcdiff_magic[at]) return fail(Error::malformed);
        if (at == version_field) {
            if (byte != vcdiff_version_rfc && byte != vcdiff_version_open) return fail(Error::unsupported);
            version_ = byte;
        } else if (at == indicator_field) {
            if (byte > 7) return fail(Error::malformed);
            if ((byte & vcdiff_has_code_table) != 0) return fail(Error::unsupported);
            indicator_ = byte;
            if ((byte & vcdiff_has_secondary) == 0) seen_ = size_field;
        } else {
            secondary_ = byte;
        }
        return seen_ == size_field && (indicator_ & vcdiff_has_application) == 0;
    }
    if (seen_ == size_field) {
        SB_TRY_ASSIGN(const bool whole, number_.take(byte));
        if (!whole) return false;
        ++seen_;
        application_left_ = number_.whole_value() + 1U;
    }
    return --application_left_ == 0;
}

namespace {

// The numbers of VcdiffWindow by their place.
enum Field : std::uint8_t { indicator, source_bytes, source_at, delta_bytes, target_bytes, packed, data_bytes };
constexpr std::uint8_t address_bytes = data_bytes + 2;
constexpr std::uint8_t checksum = data_bytes + 3;
static_assert(offsetof(VcdiffWindow, checksum) == checksum * sizeof(std::uint32_t));

}  // namespace

void VcdiffWindowHeader::begin(std::uint8_t version) {
    *this = VcdiffWindowHeader{};
    version_ = version;
}

Result<bool> VcdiffWindowHeader::take(std::uint8_t byte) {
    ++seen_;
    std::uint32_t* const numbers = &window_.indicator;
    if (field_ >= checksum && version_ == vcdiff_version_rfc) {  // four bytes, the high one first
        window_.checksum = window_.checksum << 8 | byte;
        if (++field_ != checksum + 4) return false;
    } else {
        SB_TRY_ASSIGN(const bool whole, number_.take(byte));
        if (!whole) return false;
        numbers[field_] = number_.whole_value();
        if (field_ == indicator && (numbers[indicator] & 3) == 0) field_ = source_at;
        if (field_ == delta_bytes) delta_from_ = seen_;
        const std::uint8_t last = (window_.indicator & vcdiff_has_checksum) != 0 ? checksum : address_bytes;
        if (field_++ != last) return false;
    }
    SB_TRY(check());
    return true;
}

/// Errors: malformed when the numbers contradict each other, too_large when their sums are beyond 4 GiB.
inline Result<void> VcdiffWindowHeader::check() const {
    if ((window_.indicator | window_.packed) > 7 || (window_.indicator & 3) == 3) return fail(Error::malformed);
    if (window_.target_bytes > ~window_.source_bytes || window_.source_at > ~window_.source_bytes)
        return fail(Error::too_large);
    std::uint32_t left = window_.delta_bytes - (seen_ - delta_from_);
    if (left > window_.delta_bytes) return fail(Error::malformed);
    for (const std::uint32_t bytes : window_.section_bytes) {
        if (bytes > left) return fail(Error::malformed);
        left -= bytes;
    }
    if (left != 0) return fail(Error::malformed);
    return {};
}

bool VcdiffWindowHeader::accepts(Bytes target) const {
    if ((window_.indicator & vcdiff_has_checksum) == 0) return true;
    return accepts_sum(adler32(first_sum(), target));
}

std::uint32_t adler32(std::uint32_t a, Bytes bytes) {
    constexpr std::uint32_t base = 65521;
    constexpr std::size_t before_overflow = 5552;
    std::uint32_t b = 0;
    while (!bytes.empty()) {
        const Bytes part = bytes.first(std::min(bytes.size(), before_overflow));
        for (const std::uint8_t byte : part) b += a += byte;
        a %= base;
        b %= base;
        bytes = bytes.subspan(part.size());
    }
    return b << 16 | a;
}

}  // namespace sb
