#include "capi/map.hpp"

#include "core/image/image.hpp"

namespace sb::capi {
namespace {

static_assert(SWITCHBACK_SCHEME_XIP == static_cast<int>(Scheme::xip) + 1);
static_assert(SWITCHBACK_SCHEME_SWAP == static_cast<int>(Scheme::swap) + 1);
static_assert(SWITCHBACK_SCHEME_COPY == static_cast<int>(Scheme::copy) + 1);
static_assert(SWITCHBACK_SCHEME_SINGLE == static_cast<int>(Scheme::single) + 1);
static_assert(SWITCHBACK_SCHEME_RAM_LOAD == static_cast<int>(Scheme::ram_load) + 1);
static_assert(SWITCHBACK_SCHEME_INPLACE == static_cast<int>(Scheme::inplace) + 1);

bool is_there(const switchback_region& region) {
    return region.bytes != 0;
}

/// Whether an erase unit begins at `offset`, or the part ends there.
bool is_boundary(const Geometry& geometry, std::uint32_t offset) {
    return offset == geometry.bytes || geometry.unit_at(offset).offset == offset;
}

bool is_region(const switchback_region& region, std::span<const PartViews> parts) {
    if (!is_there(region)) return true;
    if (region.part >= parts.size()) return false;
    const Geometry& geometry = parts[region.part].plain->geometry();
    return region.offset < geometry.bytes && region.bytes <= geometry.bytes - region.offset &&
           is_boundary(geometry, region.offset) && is_boundary(geometry, region.offset + region.bytes);
}

/// Requires: both are regions.
bool overlap(const switchback_region& a, const switchback_region& b) {
    if (!is_there(a) || !is_there(b) || a.part != b.part) return false;
    return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

bool are_apart(const switchback_map& map, std::span<const PartViews> parts) {
    const switchback_region* const all[] = {&map.slot_a.region, &map.slot_b.region, &map.journal,
                                            &map.golden,        &map.patch,         &map.user_data};
    for (const switchback_region* a : all)
        if (!is_region(*a, parts)) return false;
    for (const switchback_region* a : all)
        for (const switchback_region* b : all)
            if (a < b && overlap(*a, *b)) return false;
    return true;
}

bool is_scheme(switchback_scheme scheme) {
    return scheme >= SWITCHBACK_SCHEME_XIP && scheme <= SWITCHBACK_SCHEME_INPLACE;
}

/// Each unit of exchange is whole erase units, in both slots.
bool can_exchange(const FlashMap& map) {
    const std::uint32_t unit = map.swap_unit;
    if (unit == 0) return false;
    for (const Slot& slot : map.slots) {
        const Region& region = slot.region;
        if (region.bytes() < 2 * std::uint64_t{unit} || region.bytes() % unit != 0) return false;
        for (std::uint32_t at = 0; at < region.bytes(); at += unit)
            if (region.unit_at(at).offset != at) return false;
    }
    return true;
}

bool has_what_it_needs(const FlashMap& map) {
    const bool one_slot = has_one_slot(map.scheme);
    if (!map.slots[0].region.valid() || !map.journal.valid()) return false;
    if (map.slots[1].region.valid() == one_slot) return false;
    if (map.header_bytes < image_header_bytes || map.header_bytes > map.slots[0].region.bytes()) return false;
    if (map.scheme == Scheme::swap && !can_exchange(map)) return false;
    if (map.scheme == Scheme::ram_load && map.ram_bytes == 0) return false;
    if (map.scheme == Scheme::inplace && !map.patch.valid()) return false;
    return !map.patch.valid() || map.patch_room() != 0;
}

}  // namespace

bool make_map(const switchback_map& from, std::span<const PartViews> parts, FlashMap& to) {
    if (!is_scheme(from.scheme) || !are_apart(from, parts)) return false;
    const auto region = [&](const switchback_region& r) {
        return is_there(r) ? Region(*parts[r.part].sparing, r.offset, r.bytes) : Region();
    };
    to.slots = {Slot{region(from.slot_a.region), from.slot_a.address},
                Slot{region(from.slot_b.region), from.slot_b.address}};
    if (is_there(from.journal))
        to.journal = Region(*parts[from.journal.part].plain, from.journal.offset, from.journal.bytes);
    to.golden = region(from.golden);
    to.patch = region(from.patch);
    to.user_data = region(from.user_data);
    to.scheme = static_cast<Scheme>(from.scheme - 1);
    to.ram_bytes = from.ram_bytes;
    to.swap_unit = to.scheme == Scheme::swap ? from.swap_unit : 0;
    to.layout_crc = from.layout_crc;
    to.header_bytes = from.header_bytes;
    to.cortex_m = from.cortex_m;
    to.remap = from.remap;
    return has_what_it_needs(to);
}

}  // namespace sb::capi
