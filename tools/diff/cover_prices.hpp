// tools/diff: what bytes cost in a patch once it is packed. Each format has its own prices; with them the matching
// core weighs a cover against bytes carried in the patch.
#pragma once

#include "tools/diff/cover.hpp"

namespace sb::diff {

/// Prices by byte value.
using ByteCosts = std::array<float, 256>;

/// All in bytes of the packed patch.
struct CoverPrices {
    double cover = 0;           ///< one more cover, whatever is in it
    ByteCosts carried{};        ///< a byte of the new image in the patch
    ByteCosts behind_same{};    ///< a byte of a cover, by what is added to the old one, behind one that is equal
    ByteCosts behind_change{};  ///< and behind one that differs
};

/// The same for every value. For a format that cannot write changes into a cover `changed` is more than any cover.
struct FlatPrices {
    double cover = 7;
    double carried = 0.8;
    double changed = 1.2;
    double same = 0.03;
};
[[nodiscard]] CoverPrices flat_prices(const FlatPrices& flat);

/// How what a format makes relates to the order-0 entropy of its bytes.
struct PriceScales {
    double cover = 5.5;  ///< bytes for each cover
    double carried = 0.95;
    double added = 0.9;
};

/// Prices after the bytes that `covers` leave to be carried and to be added.
[[nodiscard]] CoverPrices measured_prices(Bytes old, Bytes new_image, const Covers& covers, const PriceScales& scales);

/// What a patch of these covers costs at these prices.
[[nodiscard]] double cost_of(Bytes old, Bytes new_image, const Covers& covers, const CoverPrices& prices);

}  // namespace sb::diff
