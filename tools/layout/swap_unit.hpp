// tools/layout: the unit in which scheme swap exchanges two slots, and what to say when a map has none.
#pragma once

#include <expected>

#include "tools/layout/layout.hpp"

namespace sb::layout {

/// The smallest size of which every multiple from the start of either slot is the end of an erase unit, of which
/// slot_a is a multiple, and of which slot_b has one more: the new image waits one unit up in slot_b.
/// The problem names the slot that does not divide, and proposes one that does. Requires: both slots are there.
[[nodiscard]] std::expected<std::uint32_t, Problem> swap_unit(const Layout& layout);

}  // namespace sb::layout
