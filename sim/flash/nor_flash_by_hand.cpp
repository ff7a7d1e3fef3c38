// What no operation does: a programmer in the factory, a test that damages the flash, bits that rot.
#include <algorithm>

#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

void NorFlash::poke(std::uint32_t offset, Bytes data) {
    note_look(offset, data.size());
    const std::uint32_t granule = geometry_.granule;
    const std::uint32_t first = offset / granule * granule;
    const std::uint32_t last = (offset + static_cast<std::uint32_t>(data.size()) + granule - 1) / granule * granule;
    before_change(first, last - first);
    drop_weak(first, last);
    std::copy(data.begin(), data.end(), content_.cells.begin() + offset);
    for (std::uint32_t at = first; at < last; at += granule) {
        const auto cell = content_.cells.begin() + at;
        const bool blank = std::all_of(cell, cell + granule, [&](std::uint8_t b) { return b == geometry_.erased; });
        content_.programmed[at / granule] = !blank;
        content_.torn[at / granule] = false;
        content_.unreadable[at / granule] = false;
    }
}

void NorFlash::spoil(std::uint32_t offset, std::uint32_t bytes) {
    before_change(offset, bytes);
    mark(content_.unreadable, offset, bytes, true);
    mark(content_.programmed, offset, bytes, true);
    any_unreadable_ = true;
}

}  // namespace sb::sim
