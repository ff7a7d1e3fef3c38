// tools/diff: cover optimisation. Of many possible covers the cheapest way through the new image is picked, as a
// shortest path: at each byte the image goes on along one of the diagonals at hand, leaves it to carry bytes in the
// patch, or pays for a cover on another one. So covers inside of others fall away, covers on one diagonal grow
// together over gaps, those that cost more than they gain are left out, and ends move over near-matches, all at the
// format's prices.
#pragma once

#include "tools/diff/cover_prices.hpp"

namespace sb::diff {

/// The cheapest covers on the diagonals of `candidates` (any order, overlaps allowed), near to where they stand.
/// Memory: about 40 bytes a candidate and 16 a choice.
[[nodiscard]] Covers select_covers(Bytes old, Bytes new_image, const Covers& candidates, const CoverPrices& prices);

}  // namespace sb::diff
