// core/boot: the executor. boot() is everything between reset and jump: open the journal, let decide() look at
// what it needs, make its record durable, and say what to run. The port jumps.
#pragma once

#include "core/boot/decide.hpp"
#include "core/boot/mover.hpp"
#include "core/boot/slot_check.hpp"
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

/// The application asks for the factory image: the next boot restores it, or says in `cause` why not. Proven in the
/// journal before it returns. Requires: journal.open() was called in this session. Errors: io, readback.
[[nodiscard]] Result<void> request_factory_reset(Journal& journal, bool keep_data = false);

/// The running image declares itself good. From then on it is the active one and never reverts by itself; the
/// security floor rises to its counter in the same record. Calling it again changes nothing.
/// `running` is the slot that the caller runs from, `image` what check_slot() says of it.
/// Requires: journal.open() was called in this session.
/// Errors: not_running when another image is on trial, or when nothing is and `running` is not the active slot; io,
/// readback.
[[nodiscard]] Result<void> confirm(Journal& journal, SlotId running, const VerifiedImage& image);

}  // namespace sb
