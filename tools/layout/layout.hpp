// tools/layout: a device's layout as its layout.toml states it: flash parts, regions, slot scheme, limits.
// The one place where offsets are typed; simulator, tools and (by generated code) devices take them from here.
//
//   auto text = layout::find("default");            // a shipped name, or FILE.toml
//   auto parsed = layout::parse(*text);             // syntax, types, unknown keys
//   auto found = layout::check(*parsed);            // overlaps, alignment, room; refuses with file and line
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/flash/map.hpp"
#include "core/manifest/package.hpp"
#include "tools/layout/problem.hpp"

namespace sb::layout {

/// One of the places that an image set lies in: whole erase units of a part.
struct Component {
    std::string name;
    std::size_t part = 0;  ///< index into Layout::parts; no set
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
};

/// A flash part, or an image set: places of parts put together as one (core/flash/joined.hpp). `line` is where its
/// table starts in the file.
struct Part {
    std::string name;
    std::uint32_t address = 0;  ///< where the processor sees its first byte
    std::vector<EraseRun> erase_map;
    Geometry geometry;  ///< its erase_map is empty here: see geometry_of()
    std::uint32_t line = 0;
    std::vector<Component> components{};  ///< of a set, in the order in which an image lies in them; else empty

    [[nodiscard]] bool is_set() const { return !components.empty(); }
};

/// The geometry of `part`, its erase map pointing into `part`, which must outlive it.
[[nodiscard]] Geometry geometry_of(const Part& part);

struct RegionSpec {
    std::string name;      ///< boot, slot_a, slot_b, patch, journal, golden, user_data, bootloader_a, bootloader_b
    std::size_t part = 0;  ///< index into Layout::parts
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
    std::uint32_t line = 0;
};

/// Memory that programs work in, which only generated linker scripts ask for; or where images are loaded to run.
struct Ram {
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;
    std::uint32_t line = 0;
};

struct Layout {
    std::string file;  ///< as the user named it, for messages
    std::string name;
    Scheme scheme = Scheme::xip;
    /// Every image runs at one address: slot_a's, where the part maps the slot (xip) or the image is moved (swap, copy)
    /// or received (single); or in RAM (ram-load).
    bool remap = false;
    bool cortex_m = false;  ///< cpu = "cortex-m": images start with its vector table
    std::uint32_t header_bytes = 0;
    std::uint32_t max_block_bytes = 0;
    std::uint8_t tries = 3;
    bool allow_downgrade = false;
    bool golden_below_floor = false;  ///< a factory reset may start a golden image that is below the security floor
    bool accept_no_way_back = false;  ///< a trial may start although nothing could undo it
    std::vector<DecoderOffer> decoders;
    std::vector<Part> parts;  ///< sets come last
    std::vector<RegionSpec> regions;
    std::optional<Ram> ram;
    std::optional<Ram> load;                   ///< ram-load: where images run
    bool bootloader_updatable = false;         ///< by packages: stage 0 chooses from two copies of it
    std::uint32_t low_battery_millivolts = 0;  ///< below it no erase of a slot begins; 0: no care is taken

    struct Lines {
        std::uint32_t scheme = 0;
        std::uint32_t header_size = 0;
        std::uint32_t block_size = 0;
        std::uint32_t tries = 0;
        std::uint32_t decoders = 0;
        std::uint32_t golden = 0;              ///< of [golden]; 0: not there
        std::uint32_t accept_no_way_back = 0;  ///< 0: not there
        std::uint32_t bootloader = 0;          ///< of [bootloader]; 0: not there
    } lines;

    /// The region called `region_name`, or null.
    [[nodiscard]] const RegionSpec* region(std::string_view region_name) const;
    /// The set that the region called `region_name` consists of, or null.
    [[nodiscard]] const Part* set_of(std::string_view region_name) const;
};

/// The regions in the order of parts and offsets.
[[nodiscard]] std::vector<RegionSpec> in_order(const Layout& layout);

/// Where the processor sees the region's first byte.
[[nodiscard]] std::uint32_t address_of(const Layout& layout, const RegionSpec& region);

/// The text of a layout and the name it goes by in messages.
struct Source {
    std::string file;
    std::string text;
};

/// The layout called `name`: one of the shipped ones, or a file whose name ends in .toml.
[[nodiscard]] std::expected<Source, Problem> find(const std::string& name);

/// Names of the layouts that are built into this program.
[[nodiscard]] std::vector<std::string> shipped_names();

/// Reads a layout. Unknown keys, missing keys, wrong types and values out of range are problems with their line.
[[nodiscard]] std::expected<Layout, Problem> parse(const Source& source);

/// CRC-32 over what decides the meaning of the bytes in flash (scheme, remap, header size, parts, regions; not
/// names, comments, RAM or policy). Two layout files with the same CRC describe the same flash.
[[nodiscard]] std::uint32_t layout_crc(const Layout& layout);

}  // namespace sb::layout
