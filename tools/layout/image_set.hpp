// tools/layout: image sets. One image that lies in several places, of one or more flash parts, under one signature: all
// of it is new or all of it is old. A layout lists the places; what stands in each of them is laid out here.
//
//   [[set]]
//   name = "firmware_a"
//   components = [{name = "app", flash = "internal", offset = "32K", size = "224K"},
//                 {name = "radio", flash = "external", offset = 0, size = "256K"}]
#pragma once

#include <map>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/flash/joined.hpp"
#include "tools/layout/layout.hpp"

namespace sb::layout {

class Section;

/// Reads a [[set]] table over `parts`: its geometry is what all places keep. Throws Problem: what does not begin and
/// end with erase units, parts that read differently when erased, more than max_set_components.
[[nodiscard]] Part read_set(Section& table, const std::vector<Part>& parts, const std::string& file);

/// What sets have to do with the regions: slots (and the factory image) consist of whole ones, and where an image runs
/// from either slot both lay it out alike. Throws Problem.
void check_sets(const Layout& layout);

/// The places of flash that a region takes, each with the name that messages call it by.
struct Extent {
    std::string name;
    std::size_t part = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint32_t line = 0;
};
[[nodiscard]] std::vector<Extent> extents_of(const Layout& layout, const RegionSpec& region);

/// The drivers of the pieces of `set`, over one driver for each part that is none.
[[nodiscard]] std::vector<FlashPiece> pieces_of(const Part& set, std::span<Flash* const> parts);

/// Where a component begins in an image, header included, and how many bytes it may have at most: of the first what
/// the header leaves.
struct Place {
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
};
[[nodiscard]] Place place_of(const Part& set, std::size_t component, std::uint32_t header_bytes);

/// The program of an image: every component at its place, erased bytes between. `programs` by name, all of them.
/// Problems: one that is missing or empty or too large, a name that the set does not have.
[[nodiscard]] std::expected<std::vector<std::uint8_t>, Problem> lay_out(
    const Part& set, const std::map<std::string, std::vector<std::uint8_t>>& programs, std::uint32_t header_bytes,
    const std::string& file);

}  // namespace sb::layout
