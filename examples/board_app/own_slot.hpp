// examples/board_app: which slot the program that runs stands in.
#pragma once

#include "core/journal/journal.hpp"
#include "generated/board.hpp"

extern "C" const std::uint32_t sb_vectors[];  // NOLINT: of the linker script

namespace sb::board_app {

/// A where every image runs from there; else the slot that this build is linked for.
[[nodiscard]] inline Result<SlotId> own_slot(const FlashMap& map, const BootState& /*boot*/) {
    if (map.one_address()) return SlotId::a;
    const auto here = reinterpret_cast<std::uintptr_t>(sb_vectors);
    return here == map.slots[1].address + map.header_bytes ? SlotId::b : SlotId::a;
}

}  // namespace sb::board_app
