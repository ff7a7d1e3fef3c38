#include "tools/diff/lzma_writer.hpp"

#include <lzma.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/delta/lzma_segments.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

struct Setting {
    lzma_match_finder finder;
    std::uint32_t nice_length;
};
// Shorter "nice" lengths were tried on the pairs of docs/format-delta.md, "What segments cost", and never made a
// smaller result.
constexpr Setting settings[] = {{LZMA_MF_BT4, 273}, {LZMA_MF_BT3, 273}, {LZMA_MF_BT2, 273}};

/// A raw LZMA1 stream without end marker, as liblzma makes it: its first byte is always 0.
Buffer pack_raw(Bytes text, unsigned dictionary_log2, const Setting& setting) {
    lzma_options_lzma options{};
    if (lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME)) throw std::runtime_error("liblzma has no preset 9");
    options.dict_size = 1U << dictionary_log2;
    options.lc = options.lp = options.pb = 0;
    options.mode = LZMA_MODE_NORMAL;
    options.mf = setting.finder;
    options.nice_len = setting.nice_length;
    options.depth = 1000;
    options.ext_flags = 0;
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
    Buffer packed(text.size() + text.size() / 3 + 128);
    std::size_t used = 0;
    const lzma_ret result =
        lzma_raw_buffer_encode(filters, nullptr, text.data(), text.size(), packed.data(), &used, packed.size());
    if (result != LZMA_OK) throw std::runtime_error("liblzma failed to pack: error " + std::to_string(result));
    packed.resize(used);
    return packed;
}

void put_length(Buffer& to, std::size_t value) {
    if (value >> 28 != 0) throw std::length_error("a segment of 256 MiB or more: choose shorter segments");
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<std::uint8_t>(value | 0x80));
    to.push_back(static_cast<std::uint8_t>(value));
}

void put_container_header(Buffer& to, unsigned dictionary_log2) {
    to.insert(to.end(), lzma_segments_magic.begin(), lzma_segments_magic.end());
    to.push_back(static_cast<std::uint8_t>(lzma_segments_version << 4 | dictionary_log2));
}

void put_segment(Buffer& to, Bytes packed, std::size_t plain_bytes) {
    put_length(to, packed.size());
    put_length(to, plain_bytes);
    to.insert(to.end(), packed.begin(), packed.end());
}

/// Whether the device's decoder makes `text` from the segment `packed`.
bool decodes_to(Bytes packed, Bytes text, unsigned dictionary_log2) {
    Buffer container;
    put_container_header(container, dictionary_log2);
    put_segment(container, packed, text.size());
    Buffer work(lzma_model_bytes + (std::size_t{1} << dictionary_log2));
    LzmaSegments decoder{work};
    Bytes in = container;
    while (!text.empty() || !decoder.at_boundary()) {
        const auto step = decoder.decode(in, text.size());
        if (!step || (step->consumed == 0 && step->made.empty()) || !equal(step->made, text.first(step->made.size())))
            return false;
        in = in.subspan(step->consumed);
        text = text.subspan(step->made.size());
    }
    return in.empty();
}

/// Leaves out bytes at the end that the decoder can do without: missing ones count as zero, and any number in the
/// coder's last range will do.
Buffer trim(Buffer packed, Bytes text, unsigned dictionary_log2) {
    packed.erase(packed.begin());
    for (std::size_t cut = std::min<std::size_t>(packed.size() - 1, 5); cut != 0; --cut) {
        Buffer shorter(packed.begin(), packed.end() - static_cast<std::ptrdiff_t>(cut));
        if (decodes_to(shorter, text, dictionary_log2)) return shorter;
        // the next number up with that many zero bytes at its end
        auto digit = shorter.rbegin();
        while (digit != shorter.rend() && ++*digit == 0) ++digit;
        if (decodes_to(shorter, text, dictionary_log2)) return shorter;
    }
    if (!decodes_to(packed, text, dictionary_log2)) throw std::runtime_error("a packed segment does not unpack");
    return packed;
}

Buffer pack_segment(Bytes text, unsigned dictionary_log2, Effort effort) {
    Buffer best;
    for (const Setting& setting : settings) {
        Buffer packed = pack_raw(text, dictionary_log2, setting);
        if (best.empty() || packed.size() < best.size()) best = std::move(packed);
        if (effort == Effort::one_setting) break;
    }
    return trim(std::move(best), text, dictionary_log2);
}

}  // namespace

std::vector<std::uint8_t> write_lzma_segments(Bytes text, std::span<const std::size_t> cuts, unsigned dictionary_log2,
                                              Effort effort) {
    Buffer container;
    put_container_header(container, dictionary_log2);
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
        const Bytes segment = text.subspan(from, to - from);
        put_segment(container, pack_segment(segment, dictionary_log2, effort), segment.size());
        from = to;
    }
    return container;
}

unsigned useful_dictionary_log2(std::span<const std::size_t> cuts, unsigned limit_log2) {
    std::size_t longest = 0;
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
        longest = std::max(longest, to - from);
        from = to;
    }
    unsigned log2 = lzma_min_dictionary_log2;
    while (log2 < limit_log2 && longest >> log2 != 0) ++log2;
    return log2;
}

}  // namespace sb::diff
