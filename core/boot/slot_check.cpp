#include "core/boot/slot_check.hpp"

#include "core/flash/region_reader.hpp"

namespace sb {

namespace {

/// A bound Cortex-M image must start inside itself: word 1 of its vector table is the reset handler
/// (ARMv6-M Architecture Reference Manual, B1.5.3). Catches an image that was linked for the other slot but
/// signed for this one.
Result<void> check_reset_vector(RegionReader& image, const ImageInfo& info) {
    std::array<std::uint8_t, 8> vectors{};
    SB_TRY(image.read(info.header_bytes, vectors));
    const std::uint32_t reset = load_le<std::uint32_t>(vectors, 4) & ~1U;
    const std::uint32_t first = info.load_address + info.header_bytes;
    if (reset < first || reset - first >= info.body_bytes) return fail(Error::wrong_address);
    return {};
}

}  // namespace

Result<void> check_fit(const FlashMap& map, SlotId slot, const ImageInfo& info) {
    if (info.header_bytes != map.header_bytes) return fail(Error::wrong_header);
    if (info.total_bytes > map.slot(slot).region.bytes()) return fail(Error::too_large);
    const std::uint32_t address = map.remap ? map.slot(SlotId::a).address : map.slot(slot).address;
    if (info.rom_fixed ? info.load_address != address : !map.remap) return fail(Error::wrong_address);
    return {};
}

Result<VerifiedImage> check_slot(const FlashMap& map, SlotId slot, Crypto& crypto, KeyRing keys, MutableBytes scratch) {
    RegionReader reader(map.slot(slot).region);
    SB_TRY_ASSIGN(const VerifiedImage image, verify_image(reader, crypto, keys, scratch));
    SB_TRY(check_fit(map, slot, image.info));
    if (map.cortex_m && image.info.rom_fixed) SB_TRY(check_reset_vector(reader, image.info));
    return image;
}

}  // namespace sb
