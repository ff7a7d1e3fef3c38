// tools/layout: whether a layout can work, and what it leaves for images and for the journal.
#pragma once

#include <cstdint>
#include <expected>
#include <span>

#include "core/flash/map.hpp"
#include "tools/layout/layout.hpp"

namespace sb::layout {

struct JournalRoom {
    std::uint32_t pages = 0;    ///< that take turns; they may be unequal where the erase map is
    std::uint32_t bytes = 0;    ///< of all pages; the rest of the region is not used
    std::uint32_t records = 0;  ///< that fit all pages
};

/// What `layout check` reports of a layout that can work.
struct Findings {
    std::uint32_t image_room_bytes = 0;  ///< largest image (header through last TLV) that fits either slot
    JournalRoom journal;
    std::uint32_t resent_bytes = 0;  ///< image bytes that are received again after a cut, at most
};

/// Refuses what cannot work: regions that overlap, leave their part, start or end inside an erase unit or are
/// missing; a journal without four pages; a scheme that this version does not know; limits that contradict.
[[nodiscard]] std::expected<Findings, Problem> check(const Layout& layout);

/// find(), parse() and check() in one.
[[nodiscard]] std::expected<Layout, Problem> load(const std::string& name);

/// The flash map of `layout` over `parts`, one Flash for each of layout.parts in their order.
/// Requires: check() accepted the layout; parts.size() == layout.parts.size().
[[nodiscard]] FlashMap flash_map(const Layout& layout, std::span<Flash* const> parts);

}  // namespace sb::layout
