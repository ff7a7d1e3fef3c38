// tools/diff: covers for HPatchLite: a shortest path through the new image, where each byte is carried, or made from
// the old image on one of a few diagonals, at prices in bits as the packed patch has them.
#pragma once

#include <array>
#include <span>

#include "tools/diff/cover.hpp"
#include "tools/diff/hpatchlite_writer.hpp"
#include "tools/diff/tinyuz_writer.hpp"

namespace sb::diff {

/// Bits after packing, about.
struct CoverPrices {
    double cover = 24;          ///< one more cover, its place not counted
    double place_byte = 8;      ///< each byte that says where it is
    double first_changed = 12;  ///< what makes a cover need its differences written
    double carried = 1;         ///< times what a carried byte costs in the new image packed alone
    /// A byte that differs, by its difference: after one that does not, and after one that does. Bytes that do not
    /// differ cost nothing by themselves.
    std::array<std::array<float, 256>, 2> changed{};
};

/// What the bytes of the new image cost when it is packed alone, in bits.
[[nodiscard]] std::vector<float> prices_alone(Bytes new_image, std::uint32_t dictionary_bytes);

/// The prices that a patch shows: `texts` and `items` tell of its stream and of its packing.
/// Requires: there is a cover in the stream.
[[nodiscard]] CoverPrices learn_prices(Bytes stream, const Covers& covers, std::span<const CoverText> texts,
                                       std::span<const TinyuzItem> items, std::span<const float> carried_bits);

/// Requires: `carried_bits` has a price for each byte of `new_image`.
[[nodiscard]] Covers cheapest_covers(Bytes old, Bytes new_image, MatchTable& matches,
                                     std::span<const float> carried_bits, const CoverPrices& prices);

}  // namespace sb::diff
