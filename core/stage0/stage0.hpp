// core/stage0: what runs first where the bootloader itself can be updated. It never changes after the factory, so it
// does little: of two copies of the bootloader it starts the newer one that is sealed and undamaged, else the other.
// It checks no signature: what a seal stands on was verified by the bootloader that wrote it
// (core/install/bootloader_update.hpp), and this code is in flash that nobody else writes.
#pragma once

#include <array>
#include <optional>

#include "core/flash/map.hpp"

namespace sb {

/// The two copies, each with room for its seals at the end. They are linked for where they stand.
using BootloaderCopies = std::array<Region, slot_count>;

/// Which copy to start, or nothing when neither is whole: the port then waits for a programmer. Equal numbers: A.
[[nodiscard]] std::optional<SlotId> choose_bootloader(const BootloaderCopies& copies);

}  // namespace sb
