// tools/diff: cover optimisation. Of many possible covers the cheapest way through the new image is picked, as a
// shortest path: at each byte the image goes on along one of the diagonals at hand, leaves it to carry bytes in the
// patch, or pays for a cover on another one. So covers inside of others fall away, covers on one diagonal grow
// together over gaps, those that cost more than they gain are left out, and ends move over near-matches, all at the
// format's prices.
#pragma once

#include "tools/diff/cover_prices.hpp"

namespace sb::diff {

/// Diagonals on which covers are possible, and where.
class CoverCandidates {
public:
    /// From covers in any order; overlaps are allowed. Each may reach back a little over a near-match.
    CoverCandidates(Bytes old, Bytes new_image, Covers covers);

    struct Opening {
        std::uint32_t from;  ///< in the new image
        std::uint32_t until;
        std::size_t diagonal;
    };
    /// By `from`.
    [[nodiscard]] const std::vector<Opening>& openings() const { return openings_; }

private:
    std::vector<Opening> openings_;
};

/// The cheapest covers on the diagonals of `candidates`, near to where they stand.
[[nodiscard]] Covers select_covers(Bytes old, Bytes new_image, const CoverCandidates& candidates,
                                   const CoverPrices& prices);

}  // namespace sb::diff
