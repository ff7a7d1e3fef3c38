#include <fmt/format.h>

#include <algorithm>

#include "tools/layout/decoders.hpp"
#include "tools/layout/image_set.hpp"
#include "tools/layout/layout.hpp"
#include "tools/layout/schemes.hpp"
#include "tools/layout/section.hpp"

namespace sb::layout {
namespace {

constexpr std::uint32_t most_flash_bytes = 1U << 30;  // offsets are 32 bits and sums of two must not overflow
constexpr std::uint32_t most_erase_units = 1U << 20;

EraseRun read_run(Section& run) {
    const EraseRun r{run.size("units", 1, most_erase_units), run.size("size", 1, most_flash_bytes)};
    run.refuse_the_rest();
    return r;
}

std::vector<EraseRun> read_erase_map(Section& part, const std::string& file, std::uint32_t part_bytes) {
    const bool even = part.has("erase_unit");
    const toml::array* runs = part.array_if_given("erase_map");
    if (even == (runs != nullptr))
        part.refuse_at(part.line(), "a flash part needs either 'erase_unit' or 'erase_map'",
                       "write erase_unit = \"4K\", or erase_map = [{units = 4, size = \"16K\"}, …]");
    if (even) {
        const std::uint32_t unit = part.size("erase_unit", 1, part_bytes);
        if (part_bytes % unit != 0)
            part.refuse("erase_unit", fmt::format("{} bytes are not whole units of {}", part_bytes, unit),
                        "correct size or erase_unit");
        return {{part_bytes / unit, unit}};
    }
    std::vector<EraseRun> map;
    std::uint64_t sum = 0;
    for (const toml::node& node : *runs) {
        if (!node.is_table()) part.refuse("erase_map", "a run is not a table", "write {units = 4, size = \"16K\"}");
        Section run(*node.as_table(), file, "erase_map");
        map.push_back(read_run(run));
        sum += std::uint64_t{map.back().units} * map.back().unit_bytes;
    }
    if (sum != part_bytes)
        part.refuse("erase_map", fmt::format("the runs sum up to {} bytes, the part has {}", sum, part_bytes),
                    "correct size or erase_map");
    return map;
}

Part read_part(Section& t, const std::string& file) {
    Part part;
    part.line = t.line();
    part.name = t.text("name");
    part.address = t.size("address", 0, UINT32_MAX);
    Geometry& g = part.geometry;
    g.bytes = t.size("size", 1, most_flash_bytes);
    part.erase_map = read_erase_map(t, file, g.bytes);
    g.granule = t.size("granule", 1, 512);
    g.rated_cycles = t.size("rated_cycles", 1, UINT32_MAX);
    g.erased = static_cast<std::uint8_t>(t.size("erased", 0, 0xFF, 0xFF));
    g.ecc = t.boolean("ecc", false);
    g.erased_readable = t.boolean("erased_readable", true);
    g.reprogram_same = t.boolean("reprogram_same", false);
    t.refuse_the_rest();
    return part;
}

RegionSpec read_region(Section& t, const std::vector<Part>& parts) {
    RegionSpec region;
    region.line = t.line();
    region.name = t.text("name");
    const std::string flash = t.text("flash");
    const auto part = std::ranges::find(parts, flash, &Part::name);
    if (part == parts.end())
        t.refuse("flash", fmt::format("region '{}' stands in flash '{}', which is not described", region.name, flash),
                 "add a [[flash]] table of that name or correct the name");
    region.part = static_cast<std::size_t>(part - parts.begin());
    region.offset = t.size("offset", 0, most_flash_bytes);
    region.bytes = t.size("size", 1, most_flash_bytes);
    t.refuse_the_rest();
    return region;
}

std::vector<DecoderOffer> read_decoders(Section& top, const std::string& file) {
    std::vector<DecoderOffer> decoders;
    for (const toml::node& node : top.array("decoders")) {
        const auto text = node.value_exact<std::string>();
        const auto offer = text ? parse_decoder(*text) : std::nullopt;
        if (!offer)
            throw Problem{.file = file,
                          .line = static_cast<std::uint32_t>(node.source().begin.line),
                          .what = fmt::format("unknown decoder '{}'", text.value_or("?")),
                          .fix = "write FORMAT or FORMAT:RAM with a format of " + decoder_names()};
        decoders.push_back(*offer);
    }
    return decoders;
}

/// Each table of the array `key`, as a Section given to `read`.
template <class Read>
void for_each_table(Section& top, std::string_view key, const std::string& file, Read read) {
    for (const toml::node& node : top.array(key)) {
        if (!node.is_table())
            top.refuse(key, fmt::format("'{}' is not a list of tables", key), fmt::format("write [[{}]]", key));
        Section section(*node.as_table(), file, fmt::format("[[{}]]", key));
        read(section);
    }
}

/// Whether images start with a Cortex-M vector table.
bool read_cpu(Section& top) {
    if (!top.has("cpu")) return false;
    const std::string cpu = top.text("cpu");
    if (cpu != "cortex-m" && cpu != "other")
        top.refuse("cpu", fmt::format("unknown cpu '{}'", cpu), "write \"cortex-m\" or \"other\"");
    return cpu == "cortex-m";
}

Scheme read_scheme(Section& top) {
    const std::string name = top.text("scheme");
    const auto scheme = scheme_named(name);
    if (!scheme)
        top.refuse("scheme", fmt::format("unknown scheme '{}'", name), "this version knows: " + scheme_names());
    return *scheme;
}

/// Whether slots are mapped to one address is a question about parts, and only xip asks it.
bool read_remap(Section& top, Scheme scheme) {
    if (scheme == Scheme::xip) return top.boolean("remap");
    if (top.has("remap"))
        top.refuse("remap", fmt::format("'remap' means nothing with scheme {}", scheme_name(scheme)),
                   "remove it: images always run at one address");
    return true;
}

/// The table `key`, given to `read`, where the layout has it.
template <class Read>
void if_given_table(Section& top, std::string_view key, const std::string& file, Read read) {
    const toml::table* table = top.table_if_given(key);
    if (table == nullptr) return;
    Section section(*table, file, fmt::format("[{}]", key));
    read(section);
    section.refuse_the_rest();
}

Ram read_ram(Section& t) {
    Ram ram{
        .address = t.size("address", 0, UINT32_MAX), .bytes = t.size("size", 1, most_flash_bytes), .line = t.line()};
    if (ram.address > UINT32_MAX - ram.bytes + 1)
        t.refuse_at(ram.line, "the RAM ends beyond the 32-bit address space", "correct address or size");
    return ram;
}

Layout read_layout(Section& top, const std::string& file) {
    Layout l;
    l.file = file;
    l.name = top.text("name");
    l.scheme = read_scheme(top);
    l.remap = read_remap(top, l.scheme);
    l.cortex_m = read_cpu(top);
    l.header_bytes = top.size("header_size", 32, 0xFFFF);
    l.max_block_bytes = top.size("block_size", 256, 4096, 1024);
    l.tries = static_cast<std::uint8_t>(top.size("tries", 1, 255, 3));
    l.allow_downgrade = top.boolean("allow_downgrade", false);
    l.accept_no_way_back = top.boolean("accept_no_way_back", false);
    l.decoders = read_decoders(top, file);
    l.lines = {top.line("scheme"),
               top.line("header_size"),
               top.line("block_size"),
               top.line("tries"),
               top.line("decoders"),
               0,
               top.has("accept_no_way_back") ? top.line("accept_no_way_back") : 0,
               0};
    if_given_table(top, "golden", file, [&](Section& s) {
        l.lines.golden = s.line();
        l.golden_below_floor = s.boolean("allow_below_floor", false);
    });
    if_given_table(top, "bootloader", file, [&](Section& s) {
        l.lines.bootloader = s.line();
        l.bootloader_updatable = s.boolean("updatable", false);
    });
    if_given_table(top, "ram", file, [&](Section& s) { l.ram = read_ram(s); });
    if_given_table(top, "load", file, [&](Section& s) { l.load = read_ram(s); });
    if_given_table(top, "supply", file,
                   [&](Section& s) { l.low_battery_millivolts = s.number("low_millivolts", 1, 1'000'000); });
    for_each_table(top, "flash", file, [&](Section& s) { l.parts.push_back(read_part(s, file)); });
    if (top.has("set")) {
        const std::vector<Part> parts = l.parts;
        for_each_table(top, "set", file, [&](Section& s) { l.parts.push_back(read_set(s, parts, file)); });
    }
    for_each_table(top, "region", file, [&](Section& s) { l.regions.push_back(read_region(s, l.parts)); });
    top.refuse_the_rest();
    return l;
}

}  // namespace

std::expected<Layout, Problem> parse(const Source& source) {
    try {
        const toml::table table = toml::parse(source.text, source.file);
        Section top(table, source.file, "the layout");
        return read_layout(top, source.file);
    } catch (const toml::parse_error& e) {
        return std::unexpected(Problem{.file = source.file,
                                       .line = static_cast<std::uint32_t>(e.source().begin.line),
                                       .what = std::string(e.description()),
                                       .fix = "correct the TOML syntax"});
    } catch (const Problem& problem) {
        return std::unexpected(problem);
    }
}

}  // namespace sb::layout
