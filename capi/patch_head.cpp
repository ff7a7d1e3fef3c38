#include "capi/patch_head.hpp"

#include <algorithm>

#include "capi/switchback.h"
#include "core/delta/bsdiff.hpp"
#include "core/delta/endsley_stream.hpp"
#include "core/delta/factory.hpp"
#include "core/delta/hdiff_header.hpp"
#include "core/delta/hpatchlite_stream.hpp"
#include "core/delta/lzma_segments.hpp"
#include "core/delta/sbd/plan.hpp"
#include "core/delta/vcdiff_header.hpp"

namespace sb::capi {
namespace {

/// What an ENDSLEY/BSDIFF43 of its own tool is packed with: bzip2.
constexpr std::array<std::uint8_t, 3> bzip2_magic{'B', 'Z', 'h'};

Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

enum class Match : std::uint8_t { no, perhaps, yes };

/// Whether `from` begins with `magic`; perhaps, where it is too short to tell.
Match match(Bytes from, Bytes magic) {
    const std::size_t bytes = std::min(from.size(), magic.size());
    if (!equal(from.first(bytes), magic.first(bytes))) return Match::no;
    return bytes == magic.size() ? Match::yes : Match::perhaps;
}

/// The work memory of LZMA segments that begin with `container`.
Result<std::uint32_t> lzma_memory(PayloadFormat format, Bytes container) {
    if (container.size() <= lzma_segments_magic.size()) return fail(Error::truncated);
    const std::uint8_t kind = container[lzma_segments_magic.size()];
    const unsigned log2 = kind & 0x0fU;
    if (kind >> 4 != lzma_segments_version || log2 < lzma_min_dictionary_log2 || log2 > lzma_max_dictionary_log2)
        return fail(Error::unsupported);
    return decoder_ram_bytes(format, 1U << log2);
}

Result<PatchHead> read_lzma(Bytes head, std::uint32_t patch_bytes) {
    PatchHead found{.format = PayloadFormat::lzma};
    SB_TRY_ASSIGN(found.memory_bytes, lzma_memory(found.format, head));
    // Nothing but the header: an empty image. Of any other, only the last segment tells that it is.
    if (patch_bytes == lzma_segments_magic.size() + 1) found.new_bytes = 0;
    return found;
}

Result<PatchHead> read_endsley(Bytes head, std::uint32_t patch_bytes) {
    PatchHead found{.format = PayloadFormat::endsley, .memory_bytes = 0};
    if (head.size() < endsley_header_bytes) return fail(Error::truncated);
    SB_TRY_ASSIGN(found.new_bytes, parse_endsley_header(head.first(endsley_header_bytes)));
    const Bytes stream = head.subspan(endsley_header_bytes);
    const Match lzma = match(stream, lzma_segments_magic), bzip2 = match(stream, bzip2_magic);
    // A stream that is as short as that is no stream of either kind.
    const bool more = patch_bytes > head.size();
    if (more && (lzma == Match::perhaps || bzip2 == Match::perhaps)) return fail(Error::truncated);
    if (bzip2 == Match::yes) return fail(Error::no_decoder);
    if (lzma != Match::yes) return found;
    found.format = PayloadFormat::endsley_lzma;
    SB_TRY_ASSIGN(found.memory_bytes, lzma_memory(found.format, stream));
    return found;
}

Result<PatchHead> read_hpatchlite(Bytes head) {
    HpatchliteHeader header;
    std::size_t at = 0;
    while (!header.whole()) {
        if (at == head.size()) return fail(Error::truncated);
        if (const Error error = header.take(head[at++]); error != Error::none) return fail(error);
    }
    if (header.compression() == HpatchliteCompression::lzma) return fail(Error::no_decoder);
    const bool packed = header.compression() == HpatchliteCompression::tinyuz;
    return PatchHead{.format = PayloadFormat::hpatchlite,
                     .new_bytes = header.new_bytes(),
                     .memory_bytes = packed ? header.dictionary_bytes() : 0};
}

Result<PatchHead> read_hdiff_steps(Bytes head, std::uint32_t patch_bytes) {
    SB_TRY_ASSIGN(const HdiffStepsHeader header, parse_hdiff_steps_header(head, patch_bytes));
    if (!header.compression.empty()) return fail(Error::no_decoder);
    return PatchHead{.format = PayloadFormat::hdiffsf,
                     .new_bytes = header.new_bytes,
                     .old_bytes = header.old_bytes,
                     .memory_bytes = header.step_bytes};
}

Result<PatchHead> read_sbd(Bytes head) {
    SB_TRY_ASSIGN(const std::uint32_t bytes, sbd::preamble_bytes(head));
    if (bytes > head.size()) return fail(Error::truncated);
    sbd::Plan plan;
    sbd::read_digests(head.first(bytes), plan);
    SB_TRY_ASSIGN(const sbd::PatchSizes sizes, sbd::read_sizes(head.first(bytes)));
    return PatchHead{.format = PayloadFormat::sbd,
                     .new_bytes = sizes.new_bytes,
                     .old_bytes = sizes.old_bytes,
                     .memory_bytes = sbd::budget_bytes(sizes.budget) + host_extra_bytes,
                     .digests = {{plan.old_digest, plan.new_digest}},
                     .parameter_bytes = bytes};
}

/// The start of a patch that only hosts apply.
bool is_for_hosts(Bytes head) {
    return match(head, bsdiff_magic) == Match::yes || match(head, as_bytes(hdiff_parts_magic)) == Match::yes;
}

}  // namespace

Result<PatchHead> read_patch_head(Bytes head, std::uint32_t patch_bytes) {
    constexpr std::array<std::uint8_t, 2> hpatchlite_magic{'h', 'I'};
    const std::array<Match, 6> matches = {match(head, lzma_segments_magic),        match(head, endsley_magic),
                                          match(head, hpatchlite_magic),           match(head, vcdiff_magic),
                                          match(head, as_bytes(hdiff_steps_name)), match(head, sbd::magic)};
    const auto found = std::ranges::find(matches, Match::yes);
    switch (found - matches.begin()) {
        case 0:
            return read_lzma(head, patch_bytes);
        case 1:
            return read_endsley(head, patch_bytes);
        case 2:
            return read_hpatchlite(head);
        case 3:
            return PatchHead{.format = PayloadFormat::vcdiff};
        case 4:
            return read_hdiff_steps(head, patch_bytes);
        case 5:
            return read_sbd(head);
        default:
            break;
    }
    if (is_for_hosts(head)) return fail(Error::no_decoder);
    const bool may_become_one = std::ranges::find(matches, Match::perhaps) != matches.end() ||
                                match(head, bsdiff_magic) == Match::perhaps ||
                                match(head, as_bytes(hdiff_parts_magic)) == Match::perhaps;
    return fail(may_become_one ? Error::truncated : Error::malformed);
}

}  // namespace sb::capi
