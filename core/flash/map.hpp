// core/flash: the flash map of a device: which region is which, and how images get to run from there. A host makes it
// from the layout file; a port fills it in with the same numbers.
#pragma once

#include <array>

#include "core/flash/made_for.hpp"
#include "core/flash/region.hpp"

namespace sb {

enum class SlotId : std::uint8_t { a = 0, b = 1, golden = 2 };
inline constexpr std::size_t slot_count = 2;    ///< those that updates go to: A and B
inline constexpr std::size_t source_count = 3;  ///< and the factory image

/// Of A and B the other one.
[[nodiscard]] constexpr SlotId other(SlotId s) {
    return s == SlotId::a ? SlotId::b : SlotId::a;
}
[[nodiscard]] constexpr std::size_t index_of(SlotId s) {
    return static_cast<std::size_t>(s);
}

struct Slot {
    Region region;
    std::uint32_t address = 0;  ///< where the slot's first byte (the image header) is seen when it executes; of
                                ///< ram_load, where in RAM
};

/// How a new image gets to run.
enum class Scheme : std::uint8_t {
    xip = 0,       ///< from the slot that it was written to
    swap = 1,      ///< from slot A, after the images of A and B were exchanged
    copy = 2,      ///< from slot A, after it was copied there from B
    single = 3,    ///< from slot A, the only one: the bootloader receives it there
    ram_load = 4,  ///< from RAM, where it is copied from the slot that it was written to
    inplace = 5,   ///< from slot A, the only one: a patch that was staged rewrites it there
};

/// Whether images are brought to slot A, from B, to run.
[[nodiscard]] constexpr bool moves_images(Scheme scheme) {
    return scheme == Scheme::swap || scheme == Scheme::copy;
}

/// Whether an image that comes in takes the place of the one that ran before, where it runs.
[[nodiscard]] constexpr bool has_one_slot(Scheme scheme) {
    return scheme == Scheme::single || scheme == Scheme::inplace;
}

struct FlashMap {
    std::array<Slot, slot_count> slots;
    Region journal;
    Region golden{};     ///< the factory image; not valid() where the layout has none
    Region patch{};      ///< inplace: where a patch is staged; copy, single: where the reverse patch is kept, of copy
                         ///< if not in slot B; not valid() with the others
    Region user_data{};  ///< the application's, erased by a factory reset; not valid() where the layout has none
    Scheme scheme = Scheme::xip;
    std::uint32_t ram_bytes = 0;     ///< ram_load: room for an image at that address
    std::uint32_t swap_unit = 0;     ///< swap: bytes exchanged at a time; whole erase units at each multiple in A and B
    std::uint32_t layout_crc = 0;    ///< CRC-32 of the canonical layout: a record of another layout is not taken
    std::uint32_t header_bytes = 0;  ///< image header size, padding included
    bool cortex_m = false;           ///< images start with a Cortex-M vector table: a position-bound one is checked
    bool remap = true;               ///< either slot is seen at slots[0].address when it runs

    /// The factory image runs where A does: it is copied there.
    [[nodiscard]] Slot slot(SlotId id) const;
    /// The scheme, and whether there is a factory image, as the program knows them (core/flash/made_for.hpp).
    [[nodiscard]] Scheme kind() const { return made_for::scheme(scheme); }
    [[nodiscard]] bool has_golden() const { return made_for::golden(golden.valid()); }
    [[nodiscard]] bool moves() const { return moves_images(kind()); }
    /// Whether every image runs at slots[0].address.
    [[nodiscard]] bool one_address() const { return made_for::one_address(remap || scheme != Scheme::xip); }
    /// The slot that a download is written to, `active` being the one that is kept.
    [[nodiscard]] SlotId download_slot(SlotId active) const {
        if (moves()) return SlotId::b;
        return has_one_slot(kind()) ? SlotId::a : other(active);
    }
    /// Where a download is written to in slot B of a scheme that moves images. Swap keeps the first unit free, so that
    /// an exchange always has room for one more.
    [[nodiscard]] Region incoming() const { return slots[1].region.from(swap_unit); }
    /// Of the patch area, what a package has room in; the rest, its last 4 KB and two erase units at least, is for
    /// marks of how far a rewriting came.
    [[nodiscard]] std::uint32_t patch_room() const;
    /// The largest image, header through last TLV, that each place it will stand at has room for.
    [[nodiscard]] std::uint32_t image_room(SlotId id) const;
};

}  // namespace sb
