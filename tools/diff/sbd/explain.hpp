// tools/diff/sbd: explains an sbd patch: what its preamble tells, and with the old image where each bit went and where
// each byte of the new image came from.
#pragma once

#include <optional>

#include "tools/diff/patch.hpp"
#include "tools/diff/sbd/whole_decoder.hpp"

namespace sb::diff {

/// How the patch's bytes are shared out.
struct SbdParts {
    std::uint32_t preamble_bytes = 0;  ///< with the map
    std::uint32_t map_bytes = 0;       ///< of the preamble: the block map, its number of blocks included
    std::uint64_t length_bytes = 0;    ///< numbers in front of segments that tell how long they are
    std::uint64_t segment_bytes = 0;   ///< decisions
};

/// Where the bytes of the new image come from; they sum to it.
struct SbdShares {
    std::uint64_t old_unchanged = 0;
    std::uint64_t old_rewritten = 0;  ///< predicted from the old image, but changed on the way: addresses
    std::uint64_t self = 0;           ///< predicted from earlier in the new image
    std::uint64_t substituted = 0;    ///< not as predicted: substituted, or the alternative
};

struct SbdWithOld {
    DecodedImage made;
    SbdAccount account;
    SbdShares shares;
    std::vector<PatchCover> covers;  ///< runs in the old image, without what was substituted in a row
    std::uint64_t extra_bytes = 0;   ///< in neither a cover nor predicted from the new image itself
    std::uint64_t self_bytes = 0;
    double remainder_bits = 0;  ///< 8 x patch bytes less what is accounted for: how coders end and round
};

struct SbdExplanation {
    SbdPatch patch;
    SbdParts parts;
    std::optional<SbdWithOld> with_old;

    [[nodiscard]] const sbd::Plan& plan() const { return patch.prepared.plan; }
    [[nodiscard]] std::span<const sbd::MapBlock> map() const { return patch.prepared.tables.map.blocks().all(); }
};

/// What can be told without the old image. Throws PatchError.
[[nodiscard]] SbdExplanation explain_sbd(Bytes patch);
/// All of it. Throws PatchError, also for another old image.
[[nodiscard]] SbdExplanation explain_sbd(Bytes patch, Bytes old);

/// As the other formats are explained: with the covers where the old image is known, else with the block map.
[[nodiscard]] PatchInfo info_of(const SbdExplanation& explained);

}  // namespace sb::diff
