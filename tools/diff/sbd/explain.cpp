#include "tools/diff/sbd/explain.hpp"

#include <algorithm>

#include "tools/diff/sbd/preamble_writer.hpp"

namespace sb::diff {
namespace {

/// So many substituted bytes in a row are no part of a cover.
constexpr std::uint32_t gap_bytes = 8;

/// Cuts runs in the old image into covers: they begin and end with a predicted byte and hold no gap.
class Covers {
public:
    Covers(Bytes old, SbdWithOld& to) : old_(old), to_(to) {}

    void add(const SourceRun& run) {
        const bool self = run.source_at >= old_.size();
        std::uint32_t missed = 0;
        for (std::uint32_t k = 0; k < run.bytes; ++k) {
            const std::uint32_t at = run.new_at + k;
            const bool hit = to_.account.bytes[at].hit;
            count_share(at, run.source_at + k, hit);
            if (self) {
                ++(hit ? to_.self_bytes : to_.extra_bytes);
                continue;
            }
            if (!hit) {
                ++missed;
                continue;
            }
            if (!is_open_ || missed >= gap_bytes) {
                to_.extra_bytes += missed;
                is_open_ = true;
                to_.covers.push_back({.new_at = at, .old_at = run.source_at + k});
            } else {
                extend(at - missed, run.source_at + k - missed, missed);
            }
            extend(at, run.source_at + k, 1);
            missed = 0;
        }
        to_.extra_bytes += missed;
        is_open_ = false;
    }

private:
    void extend(std::uint32_t new_at, std::uint32_t old_at, std::uint32_t bytes) {
        PatchCover& cover = to_.covers.back();
        cover.bytes += bytes;
        for (std::uint32_t k = 0; k < bytes; ++k)
            cover.unchanged_bytes += to_.made.image[new_at + k] == old_[old_at + k] ? 1U : 0U;
    }
    void count_share(std::uint32_t at, std::uint32_t source_at, bool hit) {
        if (!hit)
            ++to_.shares.substituted;
        else if (source_at >= old_.size())
            ++to_.shares.self;
        else if (old_[source_at] == to_.made.image[at])
            ++to_.shares.old_unchanged;
        else
            ++to_.shares.old_rewritten;
    }

    Bytes old_;
    SbdWithOld& to_;
    bool is_open_ = false;
};

SbdParts parts_of(Bytes patch, const SbdExplanation& explained) {
    const sbd::Plan& plan = explained.plan();
    SbdParts parts;
    parts.preamble_bytes = explained.patch.preamble_bytes;
    for (const Bytes segment : explained.patch.segments) parts.segment_bytes += segment.size();
    parts.length_bytes = patch.size() - parts.preamble_bytes - parts.segment_bytes;
    // a map of no blocks is the byte that says so
    if ((plan.flags & sbd::stored) == 0)
        parts.map_bytes =
            static_cast<std::uint32_t>(write_preamble(plan, explained.map()).size() - write_preamble(plan, {}).size()) +
            1;
    return parts;
}

}  // namespace

SbdExplanation explain_sbd(Bytes patch) {
    SbdExplanation explained;
    explained.patch = open_sbd(patch);
    explained.parts = parts_of(patch, explained);
    return explained;
}

SbdExplanation explain_sbd(Bytes patch, Bytes old) {
    SbdExplanation explained = explain_sbd(patch);
    SbdWithOld& with = explained.with_old.emplace();
    with.made = decode_sbd(old, patch, &with.account);
    Covers covers(old.first(std::min<std::size_t>(old.size(), explained.plan().ground.old_bytes())), with);
    for (const SourceRun& run : with.made.runs) covers.add(run);
    if (with.made.runs.empty()) with.extra_bytes = with.shares.substituted = with.made.image.size();  // stored
    with.remainder_bits =
        8.0 * static_cast<double>(patch.size() - explained.parts.preamble_bytes - explained.parts.length_bytes) -
        with.account.bits();
    return explained;
}

PatchInfo info_of(const SbdExplanation& explained) {
    const sbd::Plan& plan = explained.plan();
    PatchInfo info;
    info.format = "sbd";
    info.payload = PayloadFormat::sbd;
    info.new_bytes = plan.ground.new_bytes();
    info.old_bytes = plan.ground.old_bytes();
    info.decoder_ram_bytes = sbd::budget_bytes(plan.budget);
    const SbdParts& parts = explained.parts;
    const std::uint32_t rest = parts.preamble_bytes - parts.map_bytes;
    info.blocks = {{"preamble", rest, rest}, {"block map", parts.map_bytes, explained.map().size() * 12}};
    if (parts.length_bytes != 0) info.blocks.push_back({"lengths of segments", parts.length_bytes, parts.length_bytes});
    info.blocks.push_back({"decisions", parts.segment_bytes, info.new_bytes});
    std::uint32_t from = 0;
    for (const Bytes segment : explained.patch.segments) {
        const std::uint32_t end = plan.end_of_segment(from);
        info.segments.push_back({static_cast<std::uint32_t>(segment.size()), end - from});
        from = end;
    }
    if (explained.with_old) {
        info.covers = explained.with_old->covers;
        info.extra_bytes = explained.with_old->extra_bytes;
        info.self_bytes = explained.with_old->self_bytes;
        return info;
    }
    for (const sbd::MapBlock& block : explained.map()) info.covers.push_back({block.new_at, block.old_at, block.bytes});
    info.extra_bytes = info.new_bytes - info.covered_bytes();
    return info;
}

}  // namespace sb::diff
