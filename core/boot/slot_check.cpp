#include "core/boot/slot_check.hpp"

#include "core/flash/region_reader.hpp"

namespace sb {

Result<void> check_fit(const FlashMap& map, SlotId slot, const ImageInfo& info) {
    if (info.header_bytes != map.header_bytes) return fail(Error::wrong_header);
    if (info.total_bytes > map.image_room(slot)) return fail(Error::too_large);
    const std::uint32_t address = map.one_address() ? map.slots[0].address : map.slot(slot).address;
    if (info.rom_fixed ? info.load_address != address : !map.one_address()) return fail(Error::wrong_address);
    return {};
}

Result<void> check_start(const FlashMap& map, Reader& image, const ImageInfo& info) {
    if (!map.cortex_m || !info.rom_fixed) return {};
    std::array<std::uint8_t, 8> vectors{};
    SB_TRY(image.read(info.header_bytes, vectors));
    const std::uint32_t reset = load_le<std::uint32_t>(vectors, 4) & ~1U;
    const std::uint32_t first = info.load_address + info.header_bytes;
    if (reset < first || reset - first >= info.body_bytes) return fail(Error::wrong_address);
    return {};
}

Region image_region(const FlashMap& map, SlotId slot, Phase phase) {
    const bool came_in = phase == Phase::writing || phase == Phase::candidate || phase == Phase::staged;
    return slot == SlotId::b && map.kind() == Scheme::swap && came_in ? map.incoming() : map.slot(slot).region;
}

Result<VerifiedImage> check_slot(const FlashMap& map, SlotId slot, Phase phase, Crypto& crypto, KeyRing keys,
                                 MutableBytes scratch) {
    RegionReader reader(image_region(map, slot, phase));
    return check_image(map, slot, reader, crypto, keys, scratch);
}

Result<VerifiedImage> check_image(const FlashMap& map, SlotId slot, Reader& reader, Crypto& crypto, KeyRing keys,
                                  MutableBytes scratch) {
    SB_TRY_ASSIGN(const VerifiedImage image, verify_image(reader, crypto, keys, scratch));
    SB_TRY(check_fit(map, slot, image.info));
    SB_TRY(check_start(map, reader, image.info));
    return image;
}

}  // namespace sb
