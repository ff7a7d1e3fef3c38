#include "tools/layout/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/journal/pages.hpp"
#include "tools/layout/bootloader.hpp"
#include "tools/layout/boundaries.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/image_set.hpp"
#include "tools/layout/refuse.hpp"
#include "tools/layout/space.hpp"
#include "tools/layout/swap_unit.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::layout {
namespace {

constexpr std::array<std::string_view, 3> needed_regions = {"boot", "slot_a", "journal"};
constexpr std::array<std::string_view, 6> other_regions = {"slot_b",    "patch",        "golden",
                                                           "user_data", "bootloader_a", "bootloader_b"};
/// A factory reset counts its steps in 16 bits (core/journal/state.hpp); the image takes some 4096 of them.
constexpr std::size_t most_data_units = 49'152;

/// Whether an update can bring its way back: a patch that the bootloader decodes, and keeps somewhere.
bool takes_reverse_patches(const Layout& l) {
    const auto decodes = [&](bool (*which)(PayloadFormat)) {
        return std::ranges::any_of(l.decoders, [&](const DecoderOffer& d) { return which(d.format); });
    };
    if (l.scheme == Scheme::single) return l.region("patch") != nullptr && decodes(works_in_place);
    return l.scheme == Scheme::inplace || (l.scheme == Scheme::copy && decodes(is_delta));
}

/// A trial that nothing could undo starts only where the layout says that this is known.
void check_way_back(const Layout& l) {
    const bool given = l.lines.accept_no_way_back != 0;
    const bool overwrites = l.scheme == Scheme::copy || l.scheme == Scheme::single;
    if (!overwrites && l.scheme != Scheme::inplace && given)
        refuse(l, l.lines.accept_no_way_back,
               fmt::format("'accept_no_way_back' means nothing with scheme {}", scheme_name(l.scheme)),
               "remove it: the old image is kept until the new one is confirmed");
    if (overwrites && l.region("golden") == nullptr && !l.accept_no_way_back && !takes_reverse_patches(l))
        refuse(
            l, l.lines.scheme,
            fmt::format("scheme {} overwrites the old image, and there is no golden region to go back to",
                        scheme_name(l.scheme)),
            fmt::format("add a region 'golden', {}use scheme swap, or write accept_no_way_back = true: a device whose "
                        "new image fails then waits in update mode",
                        l.scheme == Scheme::single ? "or 'patch' with sbd or endsley to decode, " : ""));
    if (l.lines.golden != 0 && l.region("golden") == nullptr)
        refuse(l, l.lines.golden, "[golden] without a region 'golden'", "add the region or remove the table");
}

void check_part(const Layout& l, const Part& part) {
    const Geometry& g = part.geometry;
    if ((g.granule & (g.granule - 1)) != 0)
        refuse(l, part.line, fmt::format("granule {} of flash '{}' is not a power of two", g.granule, part.name),
               "take the program width from the datasheet: 1, 2, 4, 8, 16, 32, … 512");
    if (g.erased != 0x00 && g.erased != 0xFF)
        refuse(l, part.line, fmt::format("erased value 0x{:02x} of flash '{}'", g.erased, part.name),
               "an erased byte reads 0x00 or 0xFF");
    if (g.ecc && g.reprogram_same)
        refuse(l, part.line, fmt::format("flash '{}' has ECC and reprogram_same", part.name),
               "a granule with ECC is programmed once; write reprogram_same = false");
    for (const EraseRun& run : part.erase_map)
        if (run.unit_bytes % g.granule != 0)
            refuse(l, part.line,
                   fmt::format("erase unit {} of flash '{}' is not whole granules", run.unit_bytes, part.name),
                   "correct granule or erase unit");
    if (!part.is_set() && part.address > UINT32_MAX - g.bytes + 1)
        refuse(l, part.line, fmt::format("flash '{}' ends beyond the 32-bit address space", part.name),
               "correct address or size");
}

void check_names_once(const Layout& l) {
    for (std::size_t i = 0; i < l.parts.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (l.parts[i].name == l.parts[k].name)
                refuse(l, l.parts[i].line, fmt::format("flash '{}' is described twice", l.parts[i].name),
                       fmt::format("remove one (the other is at line {})", l.parts[k].line));
    for (std::size_t i = 0; i < l.regions.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (l.regions[i].name == l.regions[k].name)
                refuse(l, l.regions[i].line, fmt::format("region '{}' is described twice", l.regions[i].name),
                       fmt::format("remove one (the other is at line {})", l.regions[k].line));
}

void check_names(const Layout& l) {
    check_names_once(l);
    for (const Part& part : l.parts) {
        const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
        if (!std::ranges::all_of(part.name, allowed))
            refuse(l, part.line, fmt::format("flash '{}': a name that cannot be part of a file name", part.name),
                   "use letters, digits, _ and -");
    }
    for (const RegionSpec& region : l.regions)
        if (std::ranges::find(needed_regions, region.name) == needed_regions.end() &&
            std::ranges::find(other_regions, region.name) == other_regions.end())
            refuse(l, region.line, fmt::format("unknown region '{}'", region.name),
                   "there are boot, slot_a, slot_b, patch, journal, golden, user_data, bootloader_a and bootloader_b");
    for (const std::string_view name : needed_regions)
        if (l.region(name) == nullptr)
            refuse(l, 0, fmt::format("no region '{}'", name), "add a [[region]] table of that name");
    const RegionSpec* b = l.region("slot_b");
    if (b == nullptr && !has_one_slot(l.scheme))
        refuse(l, 0, "no region 'slot_b'", "add a [[region]] table of that name");
    if (b != nullptr && has_one_slot(l.scheme))
        refuse(l, b->line, fmt::format("scheme {} has one slot, and here is a second one", scheme_name(l.scheme)),
               "remove region 'slot_b', or choose a scheme that uses it");
}

/// What a package has room in, of the patch area.
std::uint32_t patch_room(const Layout& l) {
    const RegionSpec& patch = *l.region("patch");
    GeometryFlash flash(l.parts[patch.part]);
    FlashMap map;
    map.patch = Region(flash, patch.offset, patch.bytes);
    return map.patch_room();
}

/// A reverse patch has a place of its own.
void check_reverse_room(const Layout& l, const RegionSpec& patch) {
    if (!takes_reverse_patches(l))
        refuse(l, patch.line, "region 'patch', and the device decodes no patch", "list a delta format in its decoders");
    if (patch.bytes < max_envelope_bytes + min_block_data_bytes)
        refuse(l, patch.line, "region 'patch' has no room for a reverse patch",
               "make it larger, or remove it: then the patch is kept in slot_b behind the image");
}

/// Where a patch is staged or kept that rewrites slot A, and what it must keep to.
void check_patch(const Layout& l) {
    const RegionSpec* patch = l.region("patch");
    if (l.scheme == Scheme::copy && patch != nullptr) return check_reverse_room(l, *patch);
    if (!has_one_slot(l.scheme) && patch != nullptr)
        refuse(l, patch->line, fmt::format("region 'patch' means nothing with scheme {}", scheme_name(l.scheme)),
               "remove it");
    if (!has_one_slot(l.scheme) || (l.scheme == Scheme::single && patch == nullptr)) return;
    if (patch != nullptr && !takes_reverse_patches(l))
        refuse(l, patch->line, "region 'patch', and the device decodes no patch that works in place",
               "list sbd, endsley+lzma or endsley in its decoders, or remove it");
    if (patch == nullptr)
        refuse(l, l.lines.scheme, "scheme inplace has no place to stage a patch", "add a [[region]] named patch");
    const std::vector<EraseRun>& map = l.parts[l.region("slot_a")->part].erase_map;
    const Boundaries ends = boundaries_of(l, *l.region("slot_a"));
    const std::uint32_t unit = ends[1];
    const char* const rewrites = l.scheme == Scheme::single ? "single with region 'patch'" : "inplace";
    for (std::size_t i = 1; i < ends.size(); ++i)
        if (ends[i] - ends[i - 1] != unit || (unit & (unit - 1)) != 0)
            refuse(l, l.region("slot_a")->line,
                   fmt::format("scheme {} needs erase units of one size, a power of two, in slot_a", rewrites),
                   map.size() > 1 ? "move slot_a to where they are" : "choose another scheme");
    if (patch_room(l) < max_envelope_bytes + min_block_data_bytes)
        refuse(l, patch->line,
               "region 'patch' has no room for a package: its end, 4 KB or two erase units, is for marks",
               "make it larger: 64 KB for an image of 1 MB is usual");
}

/// Images of ram-load run in memory of their own, which nothing else works in.
void check_load(const Layout& l) {
    if (l.scheme == Scheme::ram_load && !l.load)
        refuse(l, l.lines.scheme, "scheme ram-load does not say where in RAM images run",
               "add a table [load] with address and size");
    if (!l.load) return;
    if (l.scheme != Scheme::ram_load)
        refuse(l, l.load->line, fmt::format("[load] means nothing with scheme {}", scheme_name(l.scheme)), "remove it");
    if (l.load->bytes <= l.header_bytes)
        refuse(l, l.load->line, "[load] holds no more than the image header", "make it larger or header_size smaller");
}

/// Memory and flash, as the processor sees them, are at different places.
void check_memory(const Layout& l) {
    struct Place {
        std::string name;
        std::uint64_t from, to;
        std::uint32_t line;
    };
    std::vector<Place> places;
    const auto add = [&](std::string name, std::uint32_t address, std::uint32_t bytes, std::uint32_t line) {
        for (const Place& p : places)
            if (address < p.to && p.from < std::uint64_t{address} + bytes)
                refuse(l, line, fmt::format("{} overlaps {} (line {})", name, p.name, p.line),
                       "correct address or size");
        places.push_back({std::move(name), address, std::uint64_t{address} + bytes, line});
    };
    for (const Part& part : l.parts)
        if (!part.is_set()) add("flash '" + part.name + "'", part.address, part.geometry.bytes, part.line);
    if (l.ram) add("[ram]", l.ram->address, l.ram->bytes, l.ram->line);
    if (l.load) add("[load]", l.load->address, l.load->bytes, l.load->line);
}

/// The multiples of the erase unit around `offset`, for the message that proposes them.
std::string nearest_boundaries(const EraseUnit& unit) {
    return fmt::format("0x{:x} or 0x{:x}", unit.offset, unit.offset + unit.bytes);
}

void check_boundaries(const Layout& l, const RegionSpec& r) {
    const Part& part = l.parts[r.part];
    const Geometry g = geometry_of(part);
    const std::uint64_t end = std::uint64_t{r.offset} + r.bytes;
    if (end > g.bytes)
        refuse(l, r.line,
               fmt::format("region '{}' ends at 0x{:x}, flash '{}' at 0x{:x}", r.name, end, part.name, g.bytes),
               "make it smaller or move it");
    if (const EraseUnit unit = g.unit_at(r.offset); unit.offset != r.offset)
        refuse(l, r.line, fmt::format("region '{}' starts at 0x{:x}, inside an erase unit", r.name, r.offset),
               "start it at " + nearest_boundaries(unit));
    if (end == g.bytes) return;
    if (const EraseUnit unit = g.unit_at(static_cast<std::uint32_t>(end)); unit.offset != end)
        refuse(l, r.line, fmt::format("region '{}' ends at 0x{:x}, inside an erase unit", r.name, end),
               "end it at " + nearest_boundaries(unit));
}

void check_overlaps(const Layout& l) {
    std::vector<Extent> taken;
    for (const RegionSpec& region : l.regions)
        for (const Extent& b : extents_of(l, region)) {
            for (const Extent& a : taken) {
                if (a.part != b.part || a.to <= b.from || b.to <= a.from) continue;
                refuse(l, b.line,
                       fmt::format("{} (0x{:x} to 0x{:x}) overlaps {} (0x{:x} to 0x{:x}, line {})", b.name, b.from,
                                   b.to, a.name, a.from, a.to, a.line),
                       "move one of them or make it smaller");
            }
            taken.push_back(b);
        }
}

void check_slots(const Layout& l) {
    const RegionSpec& a = *l.region("slot_a");
    const RegionSpec* b = l.region("slot_b");
    if (l.scheme == Scheme::xip && l.remap && a.bytes != b->bytes)
        refuse(l, b->line, fmt::format("slot_a has {} bytes, slot_b {}", a.bytes, b->bytes),
               "with remap either slot stands in for the other: give both the same size");
    for (const std::string_view name : {"slot_a", "slot_b", "golden"})
        if (const RegionSpec* r = l.region(name); r != nullptr && r->bytes <= l.header_bytes)
            refuse(l, r->line, fmt::format("region '{}' holds no more than the image header", name),
                   "make it larger or header_size smaller");
}

void check_user_data(const Layout& l) {
    const RegionSpec* data = l.region("user_data");
    if (data == nullptr) return;
    const std::size_t units = boundaries_of(l, *data).size() - 1;
    if (units > most_data_units)
        refuse(l, data->line,
               fmt::format("user_data has {} erase units, a factory reset erases at most {}", units, most_data_units),
               "make it smaller");
}

void check_decoders(const Layout& l) {
    if (l.decoders.empty())
        refuse(l, l.lines.decoders, "the device decodes nothing", "decoders = [\"raw\"] takes full images");
    for (std::size_t i = 0; i < l.decoders.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (l.decoders[i].format == l.decoders[k].format)
                refuse(l, l.lines.decoders,
                       fmt::format("decoder '{}' stands there twice", pack::format_name(l.decoders[i].format)),
                       "keep the one with more memory");
}

JournalRoom journal_room(const Layout& l) {
    const RegionSpec& spec = *l.region("journal");
    GeometryFlash flash(l.parts[spec.part]);
    const auto pages = journal_pages_of(Region(flash, spec.offset, spec.bytes));
    if (!pages)
        refuse(l, spec.line, fmt::format("the journal has no room for four pages of {} records", min_records_per_page),
               "give it more erase units");
    JournalRoom room{.pages = journal_pages};
    for (std::uint32_t p = 0; p < journal_pages; ++p) {
        room.bytes += pages->page[p].bytes;
        room.records += pages->records(p);
    }
    return room;
}

std::uint32_t largest_unit(const Layout& l, const RegionSpec& r) {
    const Geometry g = geometry_of(l.parts[r.part]);
    std::uint32_t largest = 0;
    for (std::uint32_t at = r.offset; at < r.offset + r.bytes;) {
        const EraseUnit unit = g.unit_at(at);
        largest = std::max(largest, unit.bytes);
        at = unit.offset + unit.bytes;
    }
    return largest;
}

/// A download goes on at the end of an erase unit of the slot that it is written to, or inside of it.
std::uint32_t resent_bytes(const Layout& l) {
    const auto of = [&](const char* name) {
        const RegionSpec& slot = *l.region(name);
        const std::uint32_t unit = largest_unit(l, slot);
        return l.parts[slot.part].geometry.reprogram_same ? std::min(unit, record_distance_bytes) : unit;
    };
    if (l.scheme == Scheme::single) return l.region("patch") ? std::max(of("slot_a"), of("patch")) : of("slot_a");
    if (l.scheme == Scheme::inplace) return of("patch");
    return moves_images(l.scheme) ? of("slot_b") : std::max(of("slot_a"), of("slot_b"));
}

/// Erases of each unit by one update: a download erases the slot that it is written to, what is copied or exchanged
/// erases its target.
SlotWear slot_wear(const Layout& l) {
    SlotWear wear;
    switch (l.scheme) {
        case Scheme::xip:
        case Scheme::ram_load:
            wear = {.a = 0.5, .b = 0.5};  // the slots take turns
            break;
        case Scheme::single:
            wear = {.a = 1, .b = 0};
            break;
        case Scheme::inplace:
            wear = {.a = 2, .b = 0};
            break;
        case Scheme::swap:
            wear = {.a = 1, .b = 2};
            break;
        case Scheme::copy:
            wear = {.a = 1, .b = 1};
            break;
    }
    const auto updates = [&](const char* slot, double erases) {
        return static_cast<std::uint64_t>(l.parts[l.region(slot)->part].geometry.rated_cycles / erases);
    };
    wear.updates_to_rated = updates("slot_a", wear.a);
    if (wear.b != 0) wear.updates_to_rated = std::min(wear.updates_to_rated, updates("slot_b", wear.b));
    return wear;
}

WayBack way_back(const Layout& l) {
    if (l.scheme == Scheme::xip || l.scheme == Scheme::ram_load) return WayBack::other_slot;
    if (l.scheme == Scheme::swap) return WayBack::exchange;
    if (takes_reverse_patches(l)) return WayBack::reverse_patch;
    return l.region("golden") != nullptr ? WayBack::golden : WayBack::none;
}

WayBack without_reverse(const Layout& l) {
    if (!takes_reverse_patches(l)) return way_back(l);
    if (l.region("golden") != nullptr) return WayBack::golden;
    return l.accept_no_way_back ? WayBack::none : WayBack::refused;
}

void check_all(const Layout& l) {
    if (l.parts.empty()) refuse(l, 0, "no flash part", "add a [[flash]] table");
    for (const Part& part : l.parts) check_part(l, part);
    check_names(l);
    check_sets(l);
    for (const RegionSpec& region : l.regions) check_boundaries(l, region);
    check_overlaps(l);
    check_way_back(l);
    check_patch(l);
    check_load(l);
    check_memory(l);
    check_slots(l);
    check_user_data(l);
    check_bootloader(l);
    check_decoders(l);
}

Findings examine(const Layout& l) {
    check_all(l);
    const RegionSpec& a = *l.region("slot_a");
    const RegionSpec* b = l.region("slot_b");
    Findings f{.image_room_bytes = b == nullptr ? a.bytes : std::min(a.bytes, b->bytes),
               .journal = journal_room(l),
               .resent_bytes = resent_bytes(l),
               .way_back = way_back(l),
               .without_reverse = without_reverse(l),
               .slots = slot_wear(l)};
    if (l.scheme == Scheme::inplace) f.patch_room_bytes = patch_room(l);
    if (l.scheme == Scheme::copy && l.region("patch") != nullptr) f.reverse_room_bytes = l.region("patch")->bytes;
    if (l.scheme == Scheme::single && l.region("patch") != nullptr) f.reverse_room_bytes = patch_room(l);
    if (l.load) f.image_room_bytes = std::min(f.image_room_bytes, l.load->bytes);
    if (l.scheme == Scheme::swap) {
        const auto unit = swap_unit(l);
        if (!unit) throw Problem(unit.error());
        f.swap_unit_bytes = *unit;
    }
    const std::uint32_t room_in_a = l.scheme == Scheme::xip ? a.bytes : f.image_room_bytes;
    if (const RegionSpec* golden = l.region("golden")) f.golden_room_bytes = std::min(golden->bytes, room_in_a);
    for (std::size_t i = 0; i < schemes.size(); ++i) f.room_by_scheme[i] = most_image_bytes(l, schemes[i].scheme);
    return f;
}

}  // namespace

std::expected<Findings, Problem> check(const Layout& layout) {
    try {
        return examine(layout);
    } catch (const Problem& problem) {
        return std::unexpected(problem);
    }
}

std::expected<Layout, Problem> load(const std::string& name) {
    auto source = find(name);
    if (!source) return std::unexpected(source.error());
    auto layout = parse(*source);
    if (!layout) return layout;
    if (auto found = check(*layout); !found) return std::unexpected(found.error());
    return layout;
}

}  // namespace sb::layout
