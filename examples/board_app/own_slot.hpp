// examples/board_app: which slot the program that runs stands in.
#pragma once

#include "core/journal/journal.hpp"
#include "generated/board.hpp"
#include "ports/port.hpp"

extern "C" const std::uint32_t sb_vectors[];  // NOLINT: of the linker script

namespace sb::board_app {

/// Whether `slot` begins with the bytes that run. A program in RAM leaves itself as it was loaded.
[[nodiscard]] inline bool holds_what_runs(const Region& slot) {
    MemoryReader running(port::load_area());
    const Result<ImageInfo> own = parse_image(running);
    std::array<std::uint8_t, 256> piece;
    for (std::uint32_t at = 0; own && at < own->total_bytes;) {
        const std::uint32_t left = own->total_bytes - at;
        const MutableBytes part = MutableBytes(piece).first(left < piece.size() ? left : piece.size());
        if (!slot.read(at, part) || !equal(part, port::load_area().subspan(at, part.size()))) return false;
        at += static_cast<std::uint32_t>(part.size());
    }
    return own.has_value();
}

/// A where every image runs from there; else the slot that this build is linked for. Where images are loaded to RAM,
/// the slot that holds the same bytes, and if both do, the one that the journal would have run. Error: not_running
/// where none does.
[[nodiscard]] inline Result<SlotId> own_slot(const FlashMap& map, const BootState& boot) {
    if constexpr (board::scheme != Scheme::ram_load) {
        const auto here = reinterpret_cast<std::uintptr_t>(sb_vectors);
        const bool bound_to_b = !map.one_address() && here == map.slots[1].address + map.header_bytes;
        return bound_to_b ? SlotId::b : SlotId::a;
    }
    const SlotId likely = boot.phase == Phase::trial ? other(boot.active) : boot.active;
    for (const SlotId slot : {likely, other(likely)}) {
        if (holds_what_runs(map.slot(slot).region)) return slot;
    }
    return fail(Error::not_running);
}

}  // namespace sb::board_app
