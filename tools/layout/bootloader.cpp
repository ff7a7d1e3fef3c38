#include "tools/layout/bootloader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/stage0/seal.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/refuse.hpp"

namespace sb::layout {
namespace {

constexpr const char* copies[] = {"bootloader_a", "bootloader_b"};

std::uint32_t room_of(const Layout& l, const RegionSpec& copy) {
    GeometryFlash flash(l.parts[copy.part]);
    return copy.bytes - seals_bytes(Region(flash, copy.offset, copy.bytes));
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
            refuse(l, copy->line, fmt::format("region '{}' holds no more than the image header", name),
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
    std::erase_if(own.regions, [](const RegionSpec& r) {
        return r.name.starts_with("slot_") || r.name == "golden" || r.name == "patch" || r.name == "user_data";
    });
    for (RegionSpec& r : own.regions) {
        if (r.name == copies[0]) r.name = "slot_a";
        if (r.name == copies[1]) r.name = "slot_b";
    }
    return own;
}

}  // namespace sb::layout
