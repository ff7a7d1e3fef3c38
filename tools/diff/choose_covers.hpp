// tools/diff: from two images to the covers of a patch, for any format: finds matches, optimises covers at the
// format's prices with several tunings, and keeps those that the format says pack best. Two threads where two cores
// are there; the result does not depend on it.
#pragma once

#include "tools/diff/cover_prices.hpp"

namespace sb::diff {

struct CoverRequest {
    PriceScales scales{};
    /// Bytes of the patch with these covers, packed. Called from several threads at a time; not at all for large
    /// images.
    std::function<std::size_t(const Covers& covers)> packed_bytes{};
    std::size_t min_bytes = 0;  ///< shorter covers are not used
    unsigned threads = 0;       ///< 0: two where there are two cores
    std::function<void(double fraction)> progress{};
};

/// Throws what SuffixIndex and `packed_bytes` throw.
[[nodiscard]] Covers choose_covers(Bytes old, Bytes new_image, const CoverRequest& request);

/// Images from this size on get one try, without packing.
inline constexpr std::size_t one_try_bytes = std::size_t{4} << 20;

}  // namespace sb::diff
