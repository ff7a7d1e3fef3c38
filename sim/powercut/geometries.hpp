// sim/powercut: the parts that lives are told on: what flash parts are like, each once, and small. Images fill about
// half of a slot.
#pragma once

#include <span>

#include "sim/powercut/board.hpp"

namespace sb::sim {

/// 64 KB parts, and larger ones where units are: granules 1 to 512, units 512 B to 128 KB, unequal erase maps,
/// erased value FF and 00, with and without ECC, unreadable blanks. The scheme is left to the caller.
[[nodiscard]] std::span<const BoardSpec> geometries();
/// Slots of 6 KB, for lives with two cuts.
[[nodiscard]] std::span<const BoardSpec> small_geometries();
/// Whether an image can be rewritten where it stands: in units of one size.
[[nodiscard]] inline bool rewrites_in_place(const BoardSpec& spec) {
    return spec.slot_a.size() <= 1;
}
/// Whether `spec` has something of its own to show with `scheme`: where images move, all boards remap.
[[nodiscard]] inline bool is_for(const BoardSpec& spec, Scheme scheme) {
    return (spec.remap || scheme == Scheme::xip) && (scheme != Scheme::inplace || rewrites_in_place(spec));
}
/// The one of either table that is called `name`, or null.
[[nodiscard]] const BoardSpec* find_geometry(std::string_view name);

/// Bytes of program that make an image of a good half of the slots, 20 KB at most.
[[nodiscard]] std::uint32_t suggested_body_bytes(const BoardSpec& spec);

}  // namespace sb::sim
