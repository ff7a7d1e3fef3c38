// tools/diff/sbd: at which address an image is loaded that has no table of its segments.
//
// One image tells it by functions: where words are that point to beginnings of functions if it is loaded there. Two
// images tell it more surely: a word that changed by exactly as much as a block of the image moved points into that
// block, so it gives an interval of bases; the true base is in most of them.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/delta/sbd/field.hpp"
#include "tools/diff/sbd/block_map.hpp"

namespace sb::diff {

/// 0 when there is no good answer.
[[nodiscard]] std::uint32_t guess_base(Bytes image, sbd::Architecture architecture);

struct BaseVotes {
    std::uint32_t base = 0;
    std::uint32_t votes = 0;
};

inline constexpr std::uint32_t fewest_votes = 16;

/// Best first, at most 12, each with at least fewest_votes. `runs`: the parse of new_image against old_image.
[[nodiscard]] std::vector<BaseVotes> vote_bases(Bytes old_image, Bytes new_image, std::span<const SourceRun> runs);
/// The same without their votes.
[[nodiscard]] std::vector<std::uint32_t> base_candidates(Bytes old_image, Bytes new_image,
                                                         std::span<const SourceRun> runs);

}  // namespace sb::diff
