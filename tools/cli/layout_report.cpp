#include "tools/cli/layout_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/cli/payloads.hpp"
#include "tools/layout/bootloader.hpp"
#include "tools/layout/decoders.hpp"
#include "tools/layout/image_set.hpp"
#include "tools/layout/size.hpp"

namespace sb::cli {
namespace {

using layout::Layout;
using layout::RegionSpec;

Json parts_json(const Layout& l) {
    Json parts = Json::array();
    for (const layout::Part& part : l.parts) {
        if (part.is_set()) continue;
        Json map = Json::array();
        for (const EraseRun& run : part.erase_map) map.push_back({{"units", run.units}, {"bytes", run.unit_bytes}});
        parts.push_back({{"name", part.name},
                         {"address", part.address},
                         {"bytes", part.geometry.bytes},
                         {"erase_map", map},
                         {"granule", part.geometry.granule},
                         {"erased", part.geometry.erased},
                         {"erased_readable", part.geometry.erased_readable},
                         {"reprogram_same", part.geometry.reprogram_same},
                         {"ecc", part.geometry.ecc},
                         {"rated_cycles", part.geometry.rated_cycles}});
    }
    return parts;
}

Json sets_json(const Layout& l) {
    Json sets = Json::array();
    for (const layout::Part& set : l.parts) {
        if (!set.is_set()) continue;
        Json components = Json::array();
        for (std::size_t i = 0; i < set.components.size(); ++i) {
            const layout::Component& c = set.components[i];
            const layout::Place place = place_of(set, i, l.header_bytes);
            components.push_back({{"name", c.name},
                                  {"flash", l.parts[c.part].name},
                                  {"offset", c.offset},
                                  {"bytes", c.bytes},
                                  {"image_offset", place.offset},
                                  {"room_bytes", place.bytes}});
        }
        sets.push_back({{"name", set.name}, {"bytes", set.geometry.bytes}, {"components", components}});
    }
    return sets;
}

Json regions_json(const Layout& l) {
    Json regions = Json::array();
    for (const RegionSpec& r : layout::in_order(l))
        regions.push_back({{"name", r.name},
                           {"flash", l.parts[r.part].name},
                           {"offset", r.offset},
                           {"bytes", r.bytes},
                           {"address", address_of(l, r)}});
    return regions;
}

/// Where the components of a set stand, one a line.
std::string set_lines(const Layout& l, const layout::Part& set) {
    std::string text;
    for (std::size_t i = 0; i < set.components.size(); ++i) {
        const layout::Component& c = set.components[i];
        text += fmt::format("{:<8} {}: {} at 0x{:x} of flash {}, for {} bytes at 0x{:x} of the image\n",
                            i == 0 ? "set" : "", c.name, show_size(c.bytes), c.offset, l.parts[c.part].name,
                            place_of(set, i, l.header_bytes).bytes, place_of(set, i, l.header_bytes).offset);
    }
    return text;
}

std::string part_line(const layout::Part& part) {
    std::string units;
    for (const EraseRun& run : part.erase_map)
        units += fmt::format("{}{} × {}", units.empty() ? "" : ", ", run.units, show_size(run.unit_bytes));
    return fmt::format("flash    {}: {} at 0x{:08x}, erase units {}, granule {}{}, {} cycles\n", part.name,
                       show_size(part.geometry.bytes), part.address, units, part.geometry.granule,
                       part.geometry.ecc ? " with ECC" : "", part.geometry.rated_cycles);
}

std::string map_table(const Layout& l) {
    std::size_t width = 10;
    for (const RegionSpec& r : l.regions) width = std::max(width, r.name.size());
    std::string text = fmt::format("{:<{}} flash        from        to          size\n", "region", width);
    for (const RegionSpec& r : layout::in_order(l))
        text += fmt::format("{:<{}} {:<12} 0x{:08x}  0x{:08x}  {:>6}\n", r.name, width, l.parts[r.part].name,
                            address_of(l, r), address_of(l, r) + r.bytes, show_size(r.bytes));
    return text;
}

/// How images get to run, for people.
std::string scheme_words(const Layout& l) {
    switch (l.scheme) {
        case Scheme::xip:
            return l.remap ? "the running slot is remapped to slot A's address"
                           : "images are bound to the address of their slot (--rom-fixed)";
        case Scheme::swap:
            return "the images of both slots are exchanged; all run in slot A";
        case Scheme::single:
            return "the bootloader receives images in slot A, the only one, where they run";
        case Scheme::ram_load:
            return fmt::format("images are copied to {} of RAM at 0x{:08x} and run there", show_size(l.load->bytes),
                               l.load->address);
        case Scheme::inplace:
            return "a patch is staged and rewrites the image in slot A, the only one, where it runs";
        case Scheme::copy:
            break;
    }
    return "images come in to slot B and are copied to slot A, where all run";
}

std::string way_back_text(const LayoutReport& r) {
    const layout::Findings& f = r.findings;
    std::string text = way_back_words(f.way_back).text;
    if (f.way_back != layout::WayBack::reverse_patch) return text;
    if (r.layout.scheme != Scheme::inplace)
        text += f.reverse_room_bytes != 0
                    ? fmt::format(", kept in region patch, {} bytes with its envelope", f.reverse_room_bytes)
                    : ", kept in slot B behind the image";
    return text + fmt::format("\n         without one {}", way_back_words(f.without_reverse).text);
}

Json rooms_json(const LayoutReport& r) {
    Json rooms = Json::object();
    for (std::size_t i = 0; i < layout::schemes.size(); ++i)
        rooms[std::string(layout::schemes[i].name)] = r.findings.room_by_scheme[i];
    return rooms;
}

/// What the flash of both slots would hold with each scheme, and the price of the one chosen.
std::string rooms_text(const LayoutReport& r) {
    std::string text = "schemes  largest image, were the flash of the slots cut anew:";
    for (std::size_t i = 0; i < layout::schemes.size(); ++i)
        text += fmt::format("{} {} {}", i == 0 ? "" : ",", layout::schemes[i].name,
                            show_size(r.findings.room_by_scheme[i]));
    text += "\n";
    if (r.findings.swap_unit_bytes != 0)
        text += fmt::format(
            "swap     units of {}; slot B has one more than slot A: that is what having no scratch area costs\n",
            show_size(r.findings.swap_unit_bytes));
    return text;
}

std::string supply_text(const Layout& l) {
    if (l.low_battery_millivolts == 0) return "";
    return fmt::format("battery  below {} mV no erase of a slot begins\n", l.low_battery_millivolts);
}

std::string image_text(const LayoutReport& r) {
    std::string text = fmt::format("image    room for {} bytes, header and TLVs included; header {} bytes\n",
                                   r.findings.image_room_bytes, r.layout.header_bytes);
    if (r.findings.patch_room_bytes != 0)
        text +=
            fmt::format("patch    room for a package of {} bytes, way back included\n", r.findings.patch_room_bytes);
    if (r.findings.golden_room_bytes != 0)
        text += fmt::format("golden   room for a factory image of {} bytes; below the security floor it {}\n",
                            r.findings.golden_room_bytes,
                            r.layout.golden_below_floor ? "runs all the same" : "does not run");
    return text;
}

std::string wear_text(const LayoutReport& r) {
    const layout::SlotWear& slots = r.findings.slots;
    const std::string which = slots.b == 0 ? fmt::format("slot: {} erase{} an update", slots.a, slots.a == 1 ? "" : "s")
                                           : fmt::format("slots: A {} and B {} erases an update", slots.a, slots.b);
    const std::string marks =
        r.wear.mark_erases_per_update == 0
            ? ""
            : fmt::format("         marks: {:.2f} erases of their busiest unit an update that fills the slot\n",
                          r.wear.mark_erases_per_update);
    return fmt::format(
        "wear     {}: {} updates until their rated cycles\n"
        "         journal: {:.2f} erases of its busiest page an update: {} updates until {} cycles\n"
        "{}         ({} records an update that fills the slot; a cut or a switch back adds some)\n",
        which, slots.updates_to_rated, r.wear.erases_per_update, r.wear.updates_to_rated, r.wear.rated_cycles, marks,
        r.wear.records_per_update);
}

std::string decoders_of(const Layout& l) {
    std::string text;
    for (const DecoderOffer& offer : l.decoders) text += (text.empty() ? "" : ", ") + layout::show_decoder(offer);
    return text;
}

/// Image bytes that are received again after a cut, at most, with each decoder; nothing: all of them.
Json resent_json(const LayoutReport& r) {
    Json all = Json::object();
    for (const DecoderOffer& offer : r.layout.decoders) {
        const std::uint32_t segment = usual_segment_bytes(offer);
        all[layout::show_decoder(offer)] =
            segment == 0 ? Json(nullptr) : Json(std::max(r.findings.resent_bytes, segment));
    }
    return all;
}

std::string resent_text(const LayoutReport& r) {
    std::string text = "cut      received again after it, bytes of the image at most:";
    const Json resent = resent_json(r);
    for (const auto& [decoder, bytes] : resent.items())
        text += fmt::format("{} {} with {}", text.back() == ':' ? "" : ",",
                            bytes.is_null() ? "all" : show_size(bytes.get<std::uint32_t>()), decoder);
    return text + "\n";
}

}  // namespace

WayBackWords way_back_words(layout::WayBack way) {
    switch (way) {
        case layout::WayBack::other_slot:
            return {"other_slot", "the old image stays in its slot until the new one is confirmed"};
        case layout::WayBack::exchange:
            return {"exchange", "the old image is kept in slot B and copied back"};
        case layout::WayBack::reverse_patch:
            return {"reverse_patch", "a patch that comes with the update (pack --reverse)"};
        case layout::WayBack::refused:
            return {"refused", "none: such a package is not taken (no_way_back)"};
        case layout::WayBack::golden:
            return {"golden", "the factory image is copied to slot A: the old image is gone"};
        case layout::WayBack::none:
            break;
    }
    return {"none", "none: a new image that fails leaves the device in update mode (accept_no_way_back)"};
}

LayoutReport examine_layout(const std::string& name) {
    LayoutReport report{.layout = need(layout::load(name)), .findings = {}, .wear = {}};
    report.findings = need(layout::check(report.layout));
    report.wear = layout::journal_wear(report.layout);
    return report;
}

Json layout_json(const LayoutReport& r) {
    const Layout& l = r.layout;
    const layout::Findings& f = r.findings;
    Json decoders = Json::array();
    for (const DecoderOffer& offer : l.decoders) decoders.push_back(layout::show_decoder(offer));
    Json json = {{"kind", "layout"},
                 {"name", l.name},
                 {"scheme", layout::scheme_name(l.scheme)},
                 {"remap", l.remap},
                 {"header_bytes", l.header_bytes},
                 {"max_block_bytes", l.max_block_bytes},
                 {"tries", l.tries},
                 {"allow_downgrade", l.allow_downgrade},
                 {"bootloader_room_bytes", l.bootloader_updatable ? Json(bootloader_room(l)) : Json()},
                 {"low_battery_millivolts", l.low_battery_millivolts},
                 {"load", l.load ? Json{{"address", l.load->address}, {"bytes", l.load->bytes}} : Json()},
                 {"golden_below_floor", l.golden_below_floor},
                 {"way_back", way_back_words(f.way_back).name},
                 {"way_back_without_reverse", way_back_words(f.without_reverse).name},
                 {"decoders", decoders},
                 {"layout_crc", fmt::format("{:08x}", layout_crc(l))},
                 {"flash", parts_json(l)},
                 {"sets", sets_json(l)},
                 {"regions", regions_json(l)},
                 {"image_room_bytes", f.image_room_bytes},
                 {"image_room_by_scheme", rooms_json(r)},
                 {"patch_room_bytes", f.patch_room_bytes},
                 {"reverse_room_bytes", f.reverse_room_bytes},
                 {"golden_room_bytes", f.golden_room_bytes},
                 {"swap_unit_bytes", f.swap_unit_bytes},
                 {"resent_bytes_per_cut", f.resent_bytes},
                 {"resent_bytes_per_cut_by_decoder", resent_json(r)}};
    json["slots"] = {{"erases_per_update", {{"A", f.slots.a}, {"B", f.slots.b}}},
                     {"updates_to_rated_cycles", f.slots.updates_to_rated}};
    json["journal"] = {{"pages", f.journal.pages},
                       {"bytes", f.journal.bytes},
                       {"records", f.journal.records},
                       {"records_per_update", r.wear.records_per_update},
                       {"erases_per_update", r.wear.erases_per_update},
                       {"updates_to_rated_cycles", r.wear.updates_to_rated}};
    json["marks"] = {{"erases_per_update", r.wear.mark_erases_per_update}};
    return json;
}

std::string layout_text(const LayoutReport& r) {
    const Layout& l = r.layout;
    std::string text =
        fmt::format("layout   {}: scheme {}, {}\n", l.name, layout::scheme_name(l.scheme), scheme_words(l));
    for (const layout::Part& part : l.parts) text += part.is_set() ? set_lines(l, part) : part_line(part);
    if (l.bootloader_updatable)
        text += fmt::format("boot     can be updated: two copies with room for {} bytes each, stage 0 starts one\n",
                            bootloader_room(l));
    text += map_table(l) + image_text(r) + rooms_text(r) + supply_text(l);
    text += fmt::format("back     {}\n", way_back_text(r));
    text += fmt::format("decodes  {}; blocks of at most {} bytes\n", decoders_of(l), l.max_block_bytes);
    text += fmt::format("journal  {} pages, {} bytes, {} records\n", r.findings.journal.pages, r.findings.journal.bytes,
                        r.findings.journal.records);
    return text + wear_text(r) + resent_text(r);
}

}  // namespace sb::cli
