// core/boot: the executor. boot() is everything between reset and jump: open the journal, let decide() look at
// what it needs, make its record durable, and say what to run. The port jumps.
#pragma once

#include "core/boot/decide.hpp"
#include "core/boot/loaded_image.hpp"
#include "core/boot/mover.hpp"
#include "core/boot/slot_check.hpp"
#include "core/flash/supply.hpp"
#include "core/journal/journal.hpp"

namespace sb {

/// The state that an opened journal holds for this layout; the default state when it holds none or one of another
/// layout, whose slots are not these.
[[nodiscard]] State state_of(const Journal& journal, const FlashMap& map);

/// What a verification says, as decide() wants to see it.
[[nodiscard]] SlotView view_of(const Result<VerifiedImage>& image);

struct BootDevice;

/// What several verifications in a row say of an image whose history nobody knows: cells that a cut left weak read as
/// they like, and seldom pass each time. `reader` shows it as if it stood in `slot`.
[[nodiscard]] SlotView steady_view(const BootDevice& device, SlotId slot, Reader& reader);

/// What the bootloader leans on.
struct BootDevice {
    const FlashMap& map;
    Crypto& crypto;
    KeyRing keys;
    MutableBytes scratch;              ///< for hashing and copying; from 64 bytes, and a granule where images move
    std::uint8_t tries = 3;            ///< from the layout
    std::uint32_t hardware_floor = 0;  ///< of a protected counter, where the part has one; the port
                                       ///< raises it to the state's security_floor after a confirm
    bool golden_below_floor = false;   ///< from the layout
    Supply* supply = nullptr;          ///< that the map's parts are wrapped with, if any
    LoadedImage* ram = nullptr;        ///< ram_load: where images run
    const Mover* mover = nullptr;      ///< of the layout's scheme; none where no image ever moves
};

struct BootReport {
    std::optional<SlotId> slot{};  ///< to jump to; none: update mode
    Decision decision = Decision::update_mode;
    Error cause = Error::none;
    BootState state{};     ///< as it stands in the journal now
    bool recorded = true;  ///< false: a record was needed and could not be written
};

/// Decides, records, and has images brought to where they run. Always ends: the loops count verifications and steps.
/// Requires: device.mover, where the scheme moves images or there is a factory image.
[[nodiscard]] BootReport boot(Journal& journal, const BootDevice& device);
/// The same where the journal was opened in this session, and nothing else done with it; `opened`: what that answered.
[[nodiscard]] BootReport boot_opened(Journal& journal, const Result<void>& opened, const BootDevice& device);

}  // namespace sb
