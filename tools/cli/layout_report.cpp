#include "tools/cli/layout_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/device/wear.hpp"
#include "tools/cli/payloads.hpp"
#include "tools/layout/decoders.hpp"
#include "tools/layout/size.hpp"

namespace sb::cli {
namespace {

using layout::Layout;
using layout::RegionSpec;

/// The regions in the order of their addresses.
std::vector<RegionSpec> in_order(const Layout& l) {
    std::vector<RegionSpec> regions = l.regions;
    std::ranges::sort(regions, {}, [](const RegionSpec& r) { return std::pair(r.part, r.offset); });
    return regions;
}

std::uint32_t address_of(const Layout& l, const RegionSpec& r) {
    return l.parts[r.part].address + r.offset;
}

Json parts_json(const Layout& l) {
    Json parts = Json::array();
    for (const layout::Part& part : l.parts) {
        Json map = Json::array();
        for (const EraseRun& run : part.erase_map) map.push_back({{"units", run.units}, {"bytes", run.unit_bytes}});
        parts.push_back({{"name", part.name},
                         {"address", part.address},
                         {"bytes", part.geometry.bytes},
                         {"erase_map", map},
                         {"granule", part.geometry.granule},
                         {"rated_cycles", part.geometry.rated_cycles}});
    }
    return parts;
}

Json regions_json(const Layout& l) {
    Json regions = Json::array();
    for (const RegionSpec& r : in_order(l))
        regions.push_back({{"name", r.name},
                           {"flash", l.parts[r.part].name},
                           {"offset", r.offset},
                           {"bytes", r.bytes},
                           {"address", address_of(l, r)}});
    return regions;
}

std::string part_line(const layout::Part& part) {
    std::string units;
    for (const EraseRun& run : part.erase_map)
        units += fmt::format("{}{} × {}", units.empty() ? "" : ", ", run.units, show_size(run.unit_bytes));
    return fmt::format("flash    {}: {} at 0x{:08x}, erase units {}, granule {}, {} cycles\n", part.name,
                       show_size(part.geometry.bytes), part.address, units, part.geometry.granule,
                       part.geometry.rated_cycles);
}

std::string map_table(const Layout& l) {
    std::string text = "region     flash        from        to          size\n";
    for (const RegionSpec& r : in_order(l))
        text += fmt::format("{:<10} {:<12} 0x{:08x}  0x{:08x}  {:>6}\n", r.name, l.parts[r.part].name, address_of(l, r),
                            address_of(l, r) + r.bytes, show_size(r.bytes));
    return text;
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

LayoutReport examine_layout(const std::string& name) {
    LayoutReport report{.layout = need(layout::load(name)), .findings = {}, .wear = {}};
    report.findings = need(layout::check(report.layout));
    report.wear = need(sim::measure_journal_wear(report.layout));
    return report;
}

Json layout_json(const LayoutReport& r) {
    const Layout& l = r.layout;
    Json decoders = Json::array();
    for (const DecoderOffer& offer : l.decoders) decoders.push_back(layout::show_decoder(offer));
    return {{"kind", "layout"},
            {"name", l.name},
            {"scheme", l.scheme},
            {"remap", l.remap},
            {"header_bytes", l.header_bytes},
            {"max_block_bytes", l.max_block_bytes},
            {"tries", l.tries},
            {"allow_downgrade", l.allow_downgrade},
            {"decoders", decoders},
            {"layout_crc", fmt::format("{:08x}", layout_crc(l))},
            {"flash", parts_json(l)},
            {"regions", regions_json(l)},
            {"image_room_bytes", r.findings.image_room_bytes},
            {"resent_bytes_per_cut", r.findings.resent_bytes},
            {"resent_bytes_per_cut_by_decoder", resent_json(r)},
            {"journal",
             {{"pages", r.findings.journal.pages},
              {"bytes", r.findings.journal.bytes},
              {"records", r.findings.journal.records},
              {"erases_per_update", r.wear.erases_per_update},
              {"updates_to_rated_cycles", r.wear.updates_to_rated}}}};
}

std::string layout_text(const LayoutReport& r) {
    const Layout& l = r.layout;
    std::string text = fmt::format("layout   {}: scheme {}, {}\n", l.name, l.scheme,
                                   l.remap ? "the running slot is remapped to slot A's address"
                                           : "images are bound to the address of their slot (--rom-fixed)");
    for (const layout::Part& part : l.parts) text += part_line(part);
    text += map_table(l);
    text += fmt::format("image    room for {} bytes, header and TLVs included; header {} bytes\n",
                        r.findings.image_room_bytes, l.header_bytes);
    text += fmt::format("decodes  {}; blocks of at most {} bytes\n", decoders_of(l), l.max_block_bytes);
    text += fmt::format("journal  {} pages, {} bytes, {} records\n", r.findings.journal.pages, r.findings.journal.bytes,
                        r.findings.journal.records);
    text += fmt::format(
        "wear     {:.2f} erases of the busiest journal page an update: {} updates until {} cycles\n"
        "         (measured over {} updates of full size with this journal, installer and bootloader, no cuts)\n",
        r.wear.erases_per_update, r.wear.updates_to_rated, r.wear.rated_cycles, r.wear.updates_measured);
    return text + resent_text(r);
}

}  // namespace sb::cli
