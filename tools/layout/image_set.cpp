#include "tools/layout/image_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/layout/boundaries.hpp"
#include "tools/layout/refuse.hpp"
#include "tools/layout/section.hpp"
#include "tools/layout/size.hpp"

namespace sb::layout {
namespace {

constexpr std::size_t fewest_components = 2;
constexpr std::size_t longest_name = 31;
constexpr std::uint32_t most_set_bytes = 1U << 30;  // as of a part

bool is_name(const std::string& name) {
    const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    return !name.empty() && name.size() <= longest_name && !std::isdigit(static_cast<unsigned char>(name[0])) &&
           std::ranges::all_of(name, allowed);
}

Component read_component(Section& t, const std::vector<Part>& parts) {
    Component c{.name = t.text("name")};
    if (!is_name(c.name))
        t.refuse("name", fmt::format("'{}' is no name of a component", c.name),
                 "use letters, digits and _, at most 31, no digit first");
    const std::string flash = t.text("flash");
    const auto part = std::ranges::find(parts, flash, &Part::name);
    if (part == parts.end())
        t.refuse("flash", fmt::format("component '{}' stands in flash '{}', which is not described", c.name, flash),
                 "add a [[flash]] table of that name or correct the name");
    c.part = static_cast<std::size_t>(part - parts.begin());
    const std::uint32_t room = part->geometry.bytes;
    c.offset = t.size("offset", 0, room - 1);
    c.bytes = t.size("size", 1, room - c.offset);
    t.refuse_the_rest();
    const Geometry g = geometry_of(*part);
    const std::uint32_t end = c.offset + c.bytes;
    for (const std::uint32_t at : {c.offset, end})
        if (at != room && g.unit_at(at).offset != at)
            t.refuse(at == end ? "size" : "offset",
                     fmt::format("component '{}' {} at 0x{:x}, inside an erase unit", c.name,
                                 at == end ? "ends" : "starts", at),
                     fmt::format("choose 0x{:x} or 0x{:x}", g.unit_at(at).offset,
                                 g.unit_at(at).offset + g.unit_at(at).bytes));
    return c;
}

/// One part's share of the geometry that all keep.
void take_in(Part& set, const Component& component, const Part& part) {
    Geometry& g = set.geometry;
    const Geometry& one = part.geometry;
    const bool first = set.components.empty();
    g.granule = first ? one.granule : std::max(g.granule, one.granule);
    g.rated_cycles = first ? one.rated_cycles : std::min(g.rated_cycles, one.rated_cycles);
    g.erased = one.erased;
    g.ecc = (!first && g.ecc) || one.ecc;
    g.erased_readable = (first || g.erased_readable) && one.erased_readable;
    g.reprogram_same = (first || g.reprogram_same) && one.reprogram_same;
    g.bytes += component.bytes;
    const Boundaries ends = boundaries_of(part, component.offset, component.bytes);
    for (std::size_t i = 1; i < ends.size(); ++i) {
        const std::uint32_t unit = ends[i] - ends[i - 1];
        if (set.erase_map.empty() || set.erase_map.back().unit_bytes != unit) set.erase_map.push_back({0, unit});
        ++set.erase_map.back().units;
    }
    if (first) set.address = part.address + component.offset;
    set.components.push_back(component);
}

bool laid_out_alike(const Part& a, const Part& b) {
    return std::ranges::equal(a.components, b.components, [](const Component& x, const Component& y) {
        return x.name == y.name && x.bytes == y.bytes;
    });
}

/// Images that run from either slot find their components at the same offsets in both.
void check_both_slots(const Layout& l) {
    const Part* a = l.set_of("slot_a");
    const Part* b = l.set_of("slot_b");
    if (l.scheme == Scheme::ram_load && (a != nullptr || b != nullptr))
        refuse(l, l.region(a != nullptr ? "slot_a" : "slot_b")->line, "scheme ram-load loads an image to one place",
               "let the slots be regions of one part");
    if (l.scheme != Scheme::xip || (a == nullptr && b == nullptr)) return;
    if (a != nullptr && b != nullptr && laid_out_alike(*a, *b)) return;
    refuse(l, l.region("slot_b")->line,
           "scheme xip runs images from either slot, and the sets of slot_a and slot_b differ",
           "give both the same components, in the same order and of the same sizes");
}

}  // namespace

Part read_set(Section& table, const std::vector<Part>& parts, const std::string& file) {
    Part set;
    set.line = table.line();
    set.name = table.text("name");
    set.geometry.bytes = 0;
    const toml::array& list = table.array("components");
    if (list.size() < fewest_components || list.size() > max_set_components)
        table.refuse("components", fmt::format("an image set of {} components", list.size()),
                     fmt::format("it has {} to {}", fewest_components, max_set_components));
    for (const toml::node& node : list) {
        if (!node.is_table())
            table.refuse("components", "a component is not a table",
                         "write {name = \"app\", flash = \"internal\", offset = \"32K\", size = \"224K\"}");
        Section section(*node.as_table(), file, "components");
        const Component component = read_component(section, parts);
        if (std::ranges::find(set.components, component.name, &Component::name) != set.components.end())
            section.refuse("name", fmt::format("component '{}' stands there twice", component.name), "rename one");
        const Part& part = parts[component.part];
        if (!set.components.empty() && part.geometry.erased != set.geometry.erased)
            section.refuse("flash", fmt::format("flash '{}' reads differently when erased", part.name),
                           "components of a set stand in parts with one erased value");
        if (component.bytes > most_set_bytes - set.geometry.bytes)
            section.refuse("size", fmt::format("set '{}' has more than {} bytes with it", set.name, most_set_bytes),
                           "make the components smaller");
        take_in(set, component, part);
    }
    table.refuse_the_rest();
    return set;
}

void check_sets(const Layout& l) {
    for (const Part& set : l.parts) {
        if (!set.is_set()) continue;
        const auto used = std::ranges::find_if(l.regions, [&](const auto& r) { return &l.parts[r.part] == &set; });
        if (used == l.regions.end())
            refuse(l, set.line, fmt::format("no region stands in set '{}'", set.name),
                   fmt::format("write flash = \"{}\" in slot_a", set.name));
        if (set.components[0].bytes <= l.header_bytes)
            refuse(l, set.line,
                   fmt::format("component '{}' holds no more than the image header", set.components[0].name),
                   "make it larger or header_size smaller");
    }
    for (const RegionSpec& r : l.regions) {
        const Part& part = l.parts[r.part];
        if (!part.is_set()) continue;
        if (r.name != "slot_a" && r.name != "slot_b" && r.name != "golden")
            refuse(l, r.line, fmt::format("region '{}' stands in set '{}'", r.name, part.name),
                   "sets are for slot_a, slot_b and golden: images lie in them");
        if (r.offset != 0 || r.bytes != part.geometry.bytes)
            refuse(l, r.line, fmt::format("region '{}' is not the whole of set '{}'", r.name, part.name),
                   fmt::format("write offset = 0, size = {}", part.geometry.bytes));
    }
    check_both_slots(l);
}

std::vector<Extent> extents_of(const Layout& layout, const RegionSpec& region) {
    const Part& part = layout.parts[region.part];
    if (!part.is_set())
        return {{fmt::format("region '{}'", region.name), region.part, region.offset,
                 std::uint64_t{region.offset} + region.bytes, region.line}};
    std::vector<Extent> all;
    all.reserve(part.components.size());
    for (const Component& c : part.components)
        all.push_back({fmt::format("component '{}' of set '{}'", c.name, part.name), c.part, c.offset,
                       std::uint64_t{c.offset} + c.bytes, part.line});
    return all;
}

std::vector<FlashPiece> pieces_of(const Part& set, std::span<Flash* const> parts) {
    std::vector<FlashPiece> pieces;
    pieces.reserve(set.components.size());
    for (const Component& c : set.components) pieces.push_back({parts[c.part], c.offset, c.bytes});
    return pieces;
}

Place place_of(const Part& set, std::size_t component, std::uint32_t header_bytes) {
    Place place;
    for (std::size_t i = 0; i < component; ++i) place.offset += set.components[i].bytes;
    place.bytes = set.components[component].bytes;
    if (component != 0) return place;
    return {.offset = header_bytes, .bytes = place.bytes - header_bytes};
}

std::expected<std::vector<std::uint8_t>, Problem> lay_out(
    const Part& set, const std::map<std::string, std::vector<std::uint8_t>>& programs, std::uint32_t header_bytes,
    const std::string& file) {
    const auto problem = [&](std::string what, std::string fix) {
        return std::unexpected(Problem{.file = file, .line = set.line, .what = std::move(what), .fix = std::move(fix)});
    };
    for (const auto& [name, program] : programs)
        if (std::ranges::find(set.components, name, &Component::name) == set.components.end())
            return problem(fmt::format("set '{}' has no component '{}'", set.name, name), "correct the name");
    std::vector<std::uint8_t> body;
    for (std::size_t i = 0; i < set.components.size(); ++i) {
        const std::string& name = set.components[i].name;
        const auto program = programs.find(name);
        const Place place = place_of(set, i, header_bytes);
        if (program == programs.end() || program->second.empty())
            return problem(fmt::format("component '{}' of set '{}' is missing or empty", name, set.name),
                           "a set is signed whole: give every component");
        if (program->second.size() > place.bytes)
            return problem(
                fmt::format("component '{}' has {} bytes, its place {}", name, program->second.size(), place.bytes),
                "make it smaller or its place larger");
        body.resize(place.offset - header_bytes, set.geometry.erased);
        body.insert(body.end(), program->second.begin(), program->second.end());
    }
    return body;
}

}  // namespace sb::layout
