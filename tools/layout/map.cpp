#include "tools/layout/check.hpp"
#include "tools/layout/swap_unit.hpp"

namespace sb::layout {
namespace {

Region region_over(const RegionSpec& spec, std::span<Flash* const> parts) {
    return {*parts[spec.part], spec.offset, spec.bytes};
}

Slot slot_over(const Layout& layout, const RegionSpec& spec, std::span<Flash* const> parts) {
    return {region_over(spec, parts), layout.parts[spec.part].address + spec.offset};
}

}  // namespace

FlashMap flash_map(const Layout& layout, std::span<Flash* const> parts) {
    FlashMap map;
    map.slots[0] = slot_over(layout, *layout.region("slot_a"), parts);
    if (const RegionSpec* b = layout.region("slot_b")) map.slots[1] = slot_over(layout, *b, parts);
    if (layout.load) {
        map.slots[0].address = layout.load->address;
        map.ram_bytes = layout.load->bytes;
    }
    if (layout.remap) map.slots[1].address = map.slots[0].address;
    map.journal = region_over(*layout.region("journal"), parts);
    if (const RegionSpec* golden = layout.region("golden")) map.golden = region_over(*golden, parts);
    if (const RegionSpec* patch = layout.region("patch")) map.patch = region_over(*patch, parts);
    if (const RegionSpec* data = layout.region("user_data")) map.user_data = region_over(*data, parts);
    map.scheme = layout.scheme;
    if (layout.scheme == Scheme::swap) map.swap_unit = swap_unit(layout).value_or(0);
    map.layout_crc = layout_crc(layout);
    map.header_bytes = layout.header_bytes;
    map.cortex_m = layout.cortex_m;
    map.remap = layout.remap;
    return map;
}

}  // namespace sb::layout
