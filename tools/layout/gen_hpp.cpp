#include <fmt/format.h>

#include <algorithm>

#include "tools/layout/check.hpp"
#include "tools/layout/gen.hpp"
#include "tools/layout/gen_text.hpp"
#include "tools/layout/image_set.hpp"
#include "tools/pack/build_package.hpp"

namespace sb::layout {
namespace {

/// A name of a layout (letters, digits, _ and -), as part of a name in C++.
std::string identifier(std::string name) {
    std::ranges::replace(name, '-', '_');
    return name;
}

/// Throws Problem.
void refuse_names_that_fall_together(const Layout& l) {
    for (std::size_t i = 0; i < l.parts.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (identifier(l.parts[i].name) == identifier(l.parts[k].name))
                throw Problem{
                    .file = l.file,
                    .line = l.parts[i].line,
                    .what = fmt::format("flash '{}' and '{}' have one name in C++", l.parts[k].name, l.parts[i].name),
                    .fix = "rename one of them"};
}

template <class T>
std::string constant(std::string_view type, std::string_view name, const T& value) {
    return fmt::format("inline constexpr {} {} = {};\n", type, name, value);
}
std::string number(std::string_view name, std::uint32_t value) {
    return constant("std::uint32_t", name, fmt::format("{}", value));
}

std::string facts_text(const Layout& l, const Findings& f) {
    std::string text = fmt::format("inline constexpr char layout_name[] = \"{}\";\n", plain(l.name));
    text += constant("std::uint32_t", "layout_crc", fmt::format("0x{:08x}", layout_crc(l)));
    text +=
        constant("sb::Scheme", "scheme", fmt::format("sb::Scheme::{}", identifier(std::string(scheme_name(l.scheme)))));
    text +=
        "/// Bytes exchanged at a time by scheme swap; 0 with the others.\n" + number("swap_unit", f.swap_unit_bytes);
    text += "/// Every image runs at one address.\n" + constant("bool", "remap", l.remap);
    text += "/// Images start with a Cortex-M vector table.\n" + constant("bool", "cortex_m", l.cortex_m);
    text += number("header_bytes", l.header_bytes);
    text += "/// The largest image, header through last TLV.\n" + number("image_room_bytes", f.image_room_bytes);
    text += number("max_block_bytes", l.max_block_bytes);
    text += constant("std::uint8_t", "tries", static_cast<int>(l.tries));
    text += constant("bool", "allow_downgrade", l.allow_downgrade);
    text += "/// Below it no erase of a slot begins; 0: no care is taken.\n" +
            number("low_battery_millivolts", l.low_battery_millivolts);
    text += "/// There is room for a factory image.\n" + constant("bool", "has_golden", l.region("golden") != nullptr);
    text += constant("bool", "golden_below_floor", l.golden_below_floor);
    text += constant("bool", "accept_no_way_back", l.accept_no_way_back);
    return text + "/// By packages: stage 0 chooses from two copies.\n" +
           constant("bool", "bootloader_updatable", l.bootloader_updatable);
}

std::string decoders_text(const Layout& l) {
    std::string offers;
    std::uint32_t most = 0;
    for (const DecoderOffer& offer : l.decoders) {
        std::string name = pack::format_name(offer.format);
        std::ranges::replace(name, '+', '_');
        offers += fmt::format("    {{sb::PayloadFormat::{}, {}}},\n", name, offer.ram_bytes);
        most = std::max(most, offer.ram_bytes);
    }
    return fmt::format("\ninline constexpr std::array<sb::DecoderOffer, {}> decoders = {{{{\n{}}}}};\n",
                       l.decoders.size(), offers) +
           "/// Of the decoder that works in the most memory.\n" + number("decoder_ram_bytes", most);
}

std::string part_text(const Part& part) {
    const Geometry& g = part.geometry;
    std::string runs;
    for (const EraseRun& run : part.erase_map)
        runs += fmt::format("{}{{{}, {}}}", runs.empty() ? "" : ", ", run.units, run.unit_bytes);
    const std::string_view kind = part.is_set() ? "image set" : "flash part";
    return fmt::format("\n/// The {} '{}'.\nnamespace flash_{} {{\n", kind, part.name, identifier(part.name)) +
           constant("std::uint32_t", "address", fmt::format("0x{:08x}", part.address)) +
           fmt::format("inline constexpr std::array<sb::EraseRun, {}> erase_map = {{{{{}}}}};\n", part.erase_map.size(),
                       runs) +
           fmt::format(
               "inline constexpr sb::Geometry geometry = {{.erase_map = erase_map,\n"
               "                                          .bytes = {},\n"
               "                                          .granule = {},\n"
               "                                          .rated_cycles = {},\n"
               "                                          .erased = 0x{:02X},\n"
               "                                          .erased_readable = {},\n"
               "                                          .reprogram_same = {},\n"
               "                                          .ecc = {}}};\n}}  // namespace flash_{}\n",
               g.bytes, g.granule, g.rated_cycles, g.erased, g.erased_readable, g.reprogram_same, g.ecc,
               identifier(part.name));
}

/// Every driver, as parameters of a function.
std::string drivers_text(const Layout& l, bool with_sets) {
    std::string text;
    for (const Part& part : l.parts)
        if (with_sets || !part.is_set())
            text += fmt::format("{}sb::Flash& part_{}", text.empty() ? "" : ", ", identifier(part.name));
    return text;
}

/// The driver of a set, over those of its parts, and where its components lie in an image.
std::string set_text(const Layout& l, const Part& set) {
    const std::string id = identifier(set.name);
    std::string pieces;
    std::string places;
    std::string unused;
    for (std::size_t i = 0; i < l.parts.size(); ++i)
        if (!l.parts[i].is_set() && std::ranges::find(set.components, i, &Component::part) == set.components.end())
            unused += fmt::format("    static_cast<void>(part_{});\n", identifier(l.parts[i].name));
    for (std::size_t i = 0; i < set.components.size(); ++i) {
        const Component& c = set.components[i];
        const Place place = place_of(set, i, l.header_bytes);
        pieces += fmt::format("{}{{&part_{}, 0x{:x}, 0x{:x}}}", pieces.empty() ? "" : ",\n         ",
                              identifier(l.parts[c.part].name), c.offset, c.bytes);
        places +=
            fmt::format("inline constexpr Place {}_place = {{0x{:08x}, 0x{:x}, 0x{:x}}};\n", c.name,
                        l.parts[c.part].address + c.offset + (i == 0 ? l.header_bytes : 0), place.offset, place.bytes);
    }
    return fmt::format(
        "\n/// Components of set '{0}': address, offset in an image, room.\nnamespace set_{2} {{\n{1}}}  // namespace "
        "set_{2}\n"
        "/// The driver of set '{0}', for flash_map().\n"
        "[[nodiscard]] inline sb::JoinedFlash join_{2}({3}) {{\n{4}"
        "    const std::array<sb::FlashPiece, {5}> pieces = {{\n        {{{6}}}}};\n"
        "    return {{flash_{2}::geometry, pieces}};\n}}\n",
        set.name, places, id, drivers_text(l, false), unused, set.components.size(), pieces);
}

std::string places_text(const Layout& l) {
    std::string text =
        "\n/// Where something stands: its address, and bytes from the start of its part.\n"
        "struct Place {\n"
        "    std::uint32_t address;\n"
        "    std::uint32_t offset;\n"
        "    std::uint32_t bytes;\n"
        "};\n";
    for (const RegionSpec& r : in_order(l))
        text += fmt::format("inline constexpr Place {} = {{0x{:08x}, 0x{:x}, 0x{:x}}};\n", r.name, address_of(l, r),
                            r.offset, r.bytes);
    if (l.ram)
        text += fmt::format("inline constexpr Place ram = {{0x{:08x}, 0, 0x{:x}}};\n", l.ram->address, l.ram->bytes);
    if (l.load)
        text += fmt::format(
            "/// Where images are loaded and run.\ninline constexpr Place load = {{0x{:08x}, 0, 0x{:x}}};\n",
            l.load->address, l.load->bytes);
    return text;
}

std::string region_text(const Layout& l, std::string_view name) {
    return fmt::format("sb::Region(part_{}, {}.offset, {}.bytes)", identifier(l.parts[l.region(name)->part].name), name,
                       name);
}

/// What stage 0 chooses from.
std::string copies_text(const Layout& l) {
    std::string unused;
    for (const Part& part : l.parts)
        if (!part.is_set() && &part != &l.parts[l.region("bootloader_a")->part] &&
            &part != &l.parts[l.region("bootloader_b")->part])
            unused += fmt::format("    static_cast<void>(part_{});\n", identifier(part.name));
    return fmt::format(
        "\n/// The copies of the bootloader, for choose_bootloader() and bootloader_map().\n"
        "[[nodiscard]] inline sb::BootloaderCopies bootloader_copies({}) {{\n{}"
        "    return {{{}, {}}};\n}}\n",
        drivers_text(l, false), unused, region_text(l, "bootloader_a"), region_text(l, "bootloader_b"));
}

std::string map_text(const Layout& l) {
    std::string unused;
    for (const Part& part : l.parts) {
        const auto in_map = [&](const RegionSpec& r) {
            return !r.name.starts_with("boot") && &l.parts[r.part] == &part;
        };
        if (std::ranges::none_of(l.regions, in_map))
            unused += fmt::format("    static_cast<void>(part_{});\n", identifier(part.name));
    }
    std::string text = fmt::format(
        "\n/// What the core works on, over one driver for each part.\n[[nodiscard]] constexpr sb::FlashMap "
        "flash_map({}) {{\n    sb::FlashMap map;\n",
        drivers_text(l, true));
    text += unused;
    const std::string runs_at = l.load ? "load.address" : "slot_a.address";
    text += fmt::format("    map.slots[0] = {{{}, {}}};\n", region_text(l, "slot_a"), runs_at);
    if (l.region("slot_b") != nullptr)
        text +=
            fmt::format("    map.slots[1] = {{{}, remap ? {} : slot_b.address}};\n", region_text(l, "slot_b"), runs_at);
    if (l.load) text += "    map.ram_bytes = load.bytes;\n";
    text += fmt::format("    map.journal = {};\n", region_text(l, "journal"));
    for (const std::string_view name : {"golden", "patch", "user_data"})
        if (l.region(name) != nullptr) text += fmt::format("    map.{} = {};\n", name, region_text(l, name));
    return text +
           "    map.scheme = scheme;\n"
           "    map.swap_unit = swap_unit;\n"
           "    map.layout_crc = layout_crc;\n"
           "    map.header_bytes = header_bytes;\n"
           "    map.cortex_m = cortex_m;\n"
           "    map.remap = remap;\n"
           "    return map;\n"
           "}\n";
}

}  // namespace

std::expected<std::string, Problem> cpp_header(const Layout& layout) {
    const auto found = check(layout);
    if (!found) return std::unexpected(found.error());
    try {
        refuse_names_that_fall_together(layout);
    } catch (const Problem& problem) {
        return std::unexpected(problem);
    }
    std::string text = fmt::format(
        "// {}\n#pragma once\n\n#include <array>\n\n#include \"core/flash/joined.hpp\"\n#include "
        "\"core/flash/map.hpp\"\n"
        "#include \"core/manifest/package.hpp\"\n#include \"core/stage0/stage0.hpp\"\n\nnamespace board {{\n\n",
        origin_of(layout));
    text += facts_text(layout, *found) + decoders_text(layout);
    for (const Part& part : layout.parts) text += part_text(part);
    text += places_text(layout);
    for (const Part& part : layout.parts)
        if (part.is_set()) text += set_text(layout, part);
    if (layout.bootloader_updatable) text += copies_text(layout);
    return text + map_text(layout) + "\n}  // namespace board\n";
}

}  // namespace sb::layout
