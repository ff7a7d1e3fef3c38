// tools/diff: the best of two lists of covers for HPatchLite: where both lie on the same diagonal at the same place a
// patch may change over from one to the other; of each stretch between two such places the cheaper one is taken.
#pragma once

#include <span>

#include "tools/diff/cover.hpp"
#include "tools/diff/hpatchlite_writer.hpp"
#include "tools/diff/tinyuz_writer.hpp"

namespace sb::diff {

/// Covers, and what the packed stream that they gave takes up to each of its bytes.
class PricedCovers {
public:
    PricedCovers() = default;
    PricedCovers(Covers covers, std::span<const CoverText> texts, std::span<const TinyuzItem> items);

    [[nodiscard]] const Covers& covers() const { return covers_; }
    /// Bits of all that stands before the byte `new_at` of the new image. Requires: it lies in `covers()[cover]`.
    [[nodiscard]] double bits_before(std::size_t cover, std::size_t new_at) const;
    [[nodiscard]] double all_bits() const { return bits_.back(); }

private:
    Covers covers_;
    std::vector<CoverText> texts_;
    std::vector<double> bits_;  // before each byte of the stream
};

/// Prices change with what stands around, so the result is to be tried.
[[nodiscard]] Covers splice(const PricedCovers& one, const PricedCovers& other);

}  // namespace sb::diff
