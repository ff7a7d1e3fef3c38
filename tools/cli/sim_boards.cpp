#include "tools/cli/sim_boards.hpp"

#include "tools/cli/failure.hpp"
#include "tools/cli/text.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/layout.hpp"

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

}  // namespace

LayoutBoard board_of(const std::string& name) {
    const layout::Source source = need(layout::find(name));
    const layout::Layout layout = need(layout::parse(source));
    const layout::Findings findings = need(layout::check(layout));
    if (layout.scheme == Scheme::single)
        throw Failure(Exit::no, "the checker tells no stories of scheme single", layout.file,
                      "try a layout with two slots");
    const layout::RegionSpec& a = *layout.region("slot_a");
    const layout::RegionSpec& b = *layout.region("slot_b");
    const layout::RegionSpec& journal = *layout.region("journal");
    const layout::RegionSpec* const golden = layout.region("golden");
    if (a.part != b.part || a.part != journal.part || (golden != nullptr && golden->part != a.part))
        throw Failure(Exit::no, "slots and journal lie in different parts", layout.file,
                      "the checker simulates one part: try a layout with both in one");
    const Geometry geometry = layout::geometry_of(layout.parts[a.part]);
    sim::BoardSpec board{.name = printable(layout.name),
                         .unit_bytes = geometry.unit_at(a.offset).bytes,
                         .granule = geometry.granule,
                         .erased = geometry.erased,
                         .ecc = geometry.ecc,
                         .erased_readable = geometry.erased_readable,
                         .reprogram_same = geometry.reprogram_same,
                         .scheme = layout.scheme,
                         .slot_a = erase_map_of(geometry, a),
                         .slot_b = erase_map_of(geometry, b),
                         .journal = erase_map_of(geometry, journal),
                         .swap_unit = findings.swap_unit_bytes,
                         .tries = layout.tries,
                         .remap = layout.remap || layout.scheme != Scheme::xip};
    if (golden != nullptr) board.golden_units = golden->bytes / board.unit_bytes;
    return {board, layout.decoders};
}

}  // namespace sb::cli
