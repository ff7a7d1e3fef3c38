// tools/layout: whether a layout can work, and what it leaves for images and for the journal.
#pragma once

#include <cstdint>
#include <expected>
#include <span>

#include "core/flash/map.hpp"
#include "tools/layout/layout.hpp"
#include "tools/layout/schemes.hpp"

namespace sb::layout {

/// How far apart an installer records its progress inside of larger erase units, where the part lets it go on there
/// (Geometry::reprogram_same): core/install/session.cpp.
inline constexpr std::uint32_t record_distance_bytes = 4096;

struct JournalRoom {
    std::uint32_t pages = 0;    ///< that take turns; they may be unequal where the erase map is
    std::uint32_t bytes = 0;    ///< of all pages; the rest of the region is not used
    std::uint32_t records = 0;  ///< that fit all pages
};

/// What undoes an update that does not prove itself (docs/power.md, "Way back").
enum class WayBack : std::uint8_t {
    other_slot,     ///< xip, ram-load: the old image stands where it stood
    exchange,       ///< swap: the old image is whole in slot B and is copied back
    reverse_patch,  ///< inplace, copy, single: a patch that came with the update, where it was packed with one
    golden,         ///< only the factory image can be copied back
    none,           ///< update mode; the layout accepts that
    refused,        ///< nothing: such a package is not taken
};

/// Erases that an update costs a slot, each unit of it, where the power stays.
struct SlotWear {
    double a = 0;
    double b = 0;
    std::uint64_t updates_to_rated = 0;  ///< until the first of them reaches what its part is rated for
};

/// What `layout check` reports of a layout that can work.
struct Findings {
    std::uint32_t image_room_bytes = 0;  ///< largest image (header through last TLV) that can be installed
    JournalRoom journal;
    std::uint32_t resent_bytes = 0;        ///< image bytes that are received again after a cut, at most
    std::uint32_t swap_unit_bytes = 0;     ///< swap: exchanged at a time, and what slot_b must have more than slot_a
    std::uint32_t patch_room_bytes = 0;    ///< inplace: largest package that can be staged
    std::uint32_t reverse_room_bytes = 0;  ///< copy, single: for a reverse patch and its envelope in region 'patch'; 0:
                                           ///< slot B's rest behind the image; of single none
    std::uint32_t golden_room_bytes = 0;   ///< largest factory image; 0: no golden region
    WayBack way_back = WayBack::other_slot;
    WayBack without_reverse = WayBack::other_slot;  ///< of a package that has no reverse patch
    SlotWear slots;
    std::array<std::uint32_t, schemes.size()> room_by_scheme{};  ///< as `schemes`: see most_image_bytes()
};

/// Refuses what cannot work: regions that overlap, leave their part, start or end inside an erase unit or are
/// missing; a journal without four pages; slots that do not suit the scheme; a scheme with no way back that nobody
/// accepted; limits that contradict.
[[nodiscard]] std::expected<Findings, Problem> check(const Layout& layout);

/// find(), parse() and check() in one.
[[nodiscard]] std::expected<Layout, Problem> load(const std::string& name);

/// The flash map of `layout` over `parts`, one Flash for each of layout.parts in their order.
/// Requires: check() accepted the layout; parts.size() == layout.parts.size().
[[nodiscard]] FlashMap flash_map(const Layout& layout, std::span<Flash* const> parts);

}  // namespace sb::layout
