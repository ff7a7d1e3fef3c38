#include "core/flash/map.hpp"

namespace sb {

Slot FlashMap::slot(SlotId id) const {
    return id == SlotId::golden ? Slot{golden, slots[0].address} : slots[index_of(id)];
}

std::uint32_t FlashMap::patch_room() const {
    constexpr std::uint32_t marks_bytes = 4096;
    std::uint32_t room = patch.bytes();
    for (int units = 0; room != 0 && (units < 2 || patch.bytes() - room < marks_bytes); ++units)
        room = patch.unit_at(room - 1).offset;
    return room;
}

std::uint32_t FlashMap::image_room(SlotId id) const {
    const std::uint32_t own = slot(id).region.bytes();
    if (id == SlotId::golden) {
        const std::uint32_t a = image_room(SlotId::a);
        return a < own ? a : own;
    }
    if (kind() == Scheme::ram_load) return ram_bytes < own ? ram_bytes : own;
    if (!moves()) return own;
    const std::uint32_t a = slots[0].region.bytes();
    const std::uint32_t there = incoming().bytes();
    return a < there ? a : there;
}

}  // namespace sb
