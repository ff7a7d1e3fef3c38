#include "tools/cli/sim_boards.hpp"

#include <algorithm>

#include "tools/cli/failure.hpp"
#include "tools/cli/text.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/geometry_flash.hpp"

namespace sb::cli {

namespace {

/// The erase map of a region.
std::vector<EraseRun> erase_map_of(const Geometry& geometry, const layout::RegionSpec& region) {
    std::vector<EraseRun> runs;
    for (std::uint32_t at = region.offset; at < region.offset + region.bytes;) {
        const EraseUnit unit = geometry.unit_at(at);
        if (runs.empty() || runs.back().unit_bytes != unit.bytes) runs.push_back({0, unit.bytes});
        ++runs.back().units;
        at += unit.bytes;
    }
    return runs;
}

/// Where a region lies; nothing where the layout has none of that name.
const layout::RegionSpec* on_one_part(const layout::Layout& layout, const char* name, std::size_t part) {
    const layout::RegionSpec* const region = layout.region(name);
    if (region != nullptr && region->part != part)
        throw Failure(Exit::no, "its regions lie in different parts, or in image sets", layout.file,
                      "the checker simulates one part: try a layout with slots and journal in one");
    return region;
}

}  // namespace

sim::BoardSpec board_of(const layout::Layout& layout) {
    const layout::Findings findings = need(layout::check(layout));
    const std::size_t part = layout.region("journal")->part;
    const Geometry geometry = layout::geometry_of(layout.parts[part]);
    const auto map_of = [&](const char* name) {
        const layout::RegionSpec* const region = on_one_part(layout, name, part);
        return region == nullptr ? std::vector<EraseRun>{} : erase_map_of(geometry, *region);
    };
    sim::BoardSpec board{.name = printable(layout.name),
                         .granule = geometry.granule,
                         .erased = geometry.erased,
                         .ecc = geometry.ecc,
                         .erased_readable = geometry.erased_readable,
                         .reprogram_same = geometry.reprogram_same,
                         .scheme = layout.scheme,
                         .slot_a = map_of("slot_a"),
                         .slot_b = map_of("slot_b"),
                         .journal = map_of("journal"),
                         .swap_unit = findings.swap_unit_bytes,
                         .tries = layout.tries,
                         .remap = layout.remap || layout.scheme != Scheme::xip,
                         .patch = map_of("patch"),
                         .golden = map_of("golden")};
    board.unit_bytes = board.slot_a.front().unit_bytes;
    const auto units_in = [&](const char* name) {
        const layout::RegionSpec* const region = layout.region(name);
        return region == nullptr ? 0 : std::max(1U, region->bytes / board.unit_bytes);
    };
    board.golden_units = units_in("golden");
    board.patch_units = units_in("patch");
    return board;
}

LayoutBoard board_of(const std::string& name) {
    const layout::Layout layout = need(layout::load(name));
    return {board_of(layout), layout.decoders};
}

sim::BoardTerms terms_of(const layout::Layout& layout) {
    const sb::layout::GeometryMap geometry(layout);
    const FlashMap& map = geometry.map();
    return {.addresses = {map.slots[0].address, map.slots[1].address},
            .ram_bytes = map.ram_bytes,
            .layout_crc = map.layout_crc,
            .max_block_bytes = layout.max_block_bytes,
            .decoders = layout.decoders,
            .cortex_m = map.cortex_m,
            .allow_downgrade = layout.allow_downgrade,
            .golden_below_floor = layout.golden_below_floor,
            .accept_no_way_back = layout.accept_no_way_back};
}

}  // namespace sb::cli
