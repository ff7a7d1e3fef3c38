#include "tools/layout/bootloader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/stage0/seal.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/refuse.hpp"

namespace sb::layout {
namespace {

constexpr const char* copies[] = {"bootloader_a", "bootloader_b"};

/// 0 where the seals alone take more.
std::uint32_t room_of(const Layout& l, const RegionSpec& copy) {
    GeometryFlash flash(l.parts[copy.part]);
    const std::uint32_t seals = seals_bytes(Region(flash, copy.offset, copy.bytes));
    return copy.bytes - std::min(copy.bytes, seals);
}

}  // namespace

void check_bootloader(const Layout& l) {
    for (const char* const name : copies) {
        const RegionSpec* copy = l.region(name);
        if (copy == nullptr && l.bootloader_updatable)
            refuse(l, l.lines.bootloader, fmt::format("an updatable bootloader without a region '{}'", name),
                   "it needs two copies, bootloader_a and bootloader_b; or write updatable = false");
        if (copy != nullptr && !l.bootloader_updatable)
            refuse(l, copy->line, fmt::format("region '{}', and the bootloader is not updatable", name),
                   "write [bootloader] updatable = true, or remove the region");
        if (copy != nullptr && room_of(l, *copy) <= l.header_bytes)
            refuse(l, copy->line, fmt::format("region '{}' holds no more than the image header and its seals", name),
                   "make it larger");
    }
}

std::uint32_t bootloader_room(const Layout& l) {
    return std::min(room_of(l, *l.region(copies[0])), room_of(l, *l.region(copies[1])));
}

Layout bootloader_layout(const Layout& l) {
    Layout own = l;
    own.scheme = Scheme::xip;
    own.remap = false;
    own.load.reset();
    own.bootloader_updatable = false;
    own.accept_no_way_back = own.golden_below_floor = false;
    own.lines.accept_no_way_back = own.lines.golden = own.lines.bootloader = 0;  // nor are their keys there
    std::erase_if(own.regions, [](const RegionSpec& r) {
        return r.name.starts_with("slot_") || r.name == "golden" || r.name == "patch" || r.name == "user_data";
    });
    std::erase_if(own.parts, [](const Part& part) { return part.is_set(); });  // those come last: indices stay
    for (RegionSpec& r : own.regions) {
        if (r.name == copies[0]) r.name = "slot_a";
        if (r.name == copies[1]) r.name = "slot_b";
    }
    return own;
}

}  // namespace sb::layout
