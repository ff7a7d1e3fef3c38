// sim/powercut: a whole device in memory, for simulators and tests: one NOR part, the flash map, the keys, and
// the same bootloader, journal and install session that a real board links. What a program would hold in RAM is lost
// at each reset. sim/device is the device that a layout file and a directory describe; this one is copied and reset
// millions of times, on parts that no layout describes (weak cells, torn writes, odd granules), and trusts by table.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/crc32.hpp"
#include "core/boot/boot.hpp"
#include "core/boot/locks.hpp"
#include "core/delta/all_decoders.hpp"
#include "core/install/rewrite_mover.hpp"
#include "core/install/session.hpp"
#include "core/install/undo_mover.hpp"
#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

/// What a layout says of a real device besides its flash. A board without them takes packages in every format in 4 KB,
/// and its slots execute where they lie in the part.
struct BoardTerms {
    std::array<std::uint32_t, slot_count> addresses{};  ///< where the slots execute; slot A of ram_load: where in RAM
    std::uint32_t ram_bytes = 0;                        ///< ram_load
    std::uint32_t layout_crc = 0;
    std::uint32_t max_block_bytes = 1024;
    std::vector<DecoderOffer> decoders{};
    bool cortex_m = false;
    bool allow_downgrade = false;
    bool golden_below_floor = false;
    bool accept_no_way_back = false;
};

/// The physics and sizes of a board. The map is: slot A, slot B (swap: longer by one unit of exchange; single, inplace:
/// none), patch area (inplace, copy, single), golden, journal.
struct BoardSpec {
    std::string name;
    std::uint32_t unit_bytes = 1024;
    std::uint32_t slot_units = 6;
    std::uint32_t granule = 4;
    std::uint8_t erased = 0xFF;
    bool ecc = false;
    bool erased_readable = true;
    bool reprogram_same = true;
    Scheme scheme = Scheme::xip;
    std::uint32_t golden_units = 0;
    std::uint32_t patch_units = 0;  ///< inplace; copy and single: for the reverse patch
    /// Erase maps of slot A and slot B where their units are not all alike, in place of slot_units.
    std::vector<EraseRun> slot_a{};
    std::vector<EraseRun> slot_b{};
    /// Erase map of the journal, in place of as many units as four pages take.
    std::vector<EraseRun> journal{};
    /// Swap: bytes exchanged at a time; 0: unit_bytes.
    std::uint32_t swap_unit = 0;
    std::uint8_t tries = 3;
    /// Either slot is seen where slot A lies when it runs; else images of scheme xip are bound to their slot.
    bool remap = true;
    /// Erase maps of patch area and golden in place of as many units of one size.
    std::vector<EraseRun> patch{};
    std::vector<EraseRun> golden{};
    std::optional<BoardTerms> terms{};
};

/// Where the regions of a board lie in its part, in bytes.
struct BoardMap {
    std::vector<EraseRun> erase_map;
    std::array<EraseUnit, slot_count> slots{};
    EraseUnit patch{};   ///< no bytes: there is none
    EraseUnit golden{};  ///< no bytes: there is none
    EraseUnit journal{};
};
[[nodiscard]] BoardMap board_map(const BoardSpec& spec);
/// Where slot B executes, on a board whose images are bound to their slot.
[[nodiscard]] std::optional<std::uint32_t> bound_slot_b(const BoardSpec& spec);
/// Bytes exchanged at a time; 0 where nothing is.
[[nodiscard]] std::uint32_t swap_unit_of(const BoardSpec& spec);

/// A supply that is low when it is told to be.
class ToldSupply final : public Supply {
public:
    [[nodiscard]] bool low() override { return is_low; }
    bool is_low = false;
};

/// Keys and identity of a device.
struct BoardIdentity {
    std::vector<TrustedKey> keys;
    Uuid vendor{};
    Uuid device_class{};
    std::uint32_t header_bytes = 0x200;
};

class Board {
public:
    Board(const BoardSpec& spec, const BoardIdentity& identity, Crypto& crypto);

    /// Leaves the factory: `image` in `slot`, `golden` as factory image where the board has room for one, a journal
    /// that says so. Every other unit is blank.
    void provision(Bytes image, Bytes golden = {}, SlotId slot = SlotId::a);

    /// Power on and run the bootloader. Nothing runs when power is cut meanwhile or nothing is bootable.
    BootReport reset();
    /// As the port does before it jumps: what `locks` names cannot be written until the next reset. The bootloader's
    /// own region is no part of this board.
    void protect(Locks locks);
    /// Offers `package` to a new install session of the running application (of the bootloader in update mode), in
    /// pieces of `piece` bytes, until it is complete, and stages it.
    Result<void> install(Bytes package, std::size_t piece = 200);
    /// The running application confirms itself.
    Result<void> confirm();
    /// It asks for the factory image.
    Result<void> ask_for_factory_reset() const;
    /// It asks for update mode; or the bootloader has waited long enough.
    Result<void> ask_for_update_mode() const;
    Result<void> leave_update_mode() const;
    /// As a programmer would, or an accident that no rule foresees: no record is left.
    void wipe_journal();

    [[nodiscard]] NorFlash& flash() { return *flash_; }
    [[nodiscard]] const FlashMap& map() const { return map_; }
    [[nodiscard]] std::optional<SlotId> running() const { return running_; }
    /// The newest state in the journal; the default state when it is lost.
    [[nodiscard]] State state() const;
    /// Of the last install(): the offset that followed the envelope (0: from the start), and bytes taken.
    [[nodiscard]] std::uint64_t resumed_from() const { return resumed_from_; }
    /// Whether the slot (ram_load: the memory that it was loaded to) holds `image`, as read now.
    [[nodiscard]] bool holds(SlotId slot, Bytes image);
    /// What runs, where a life is told on from a moment of another one.
    void set_running(std::optional<SlotId> slot) { running_ = slot; }
    [[nodiscard]] const BoardMap& regions() const { return regions_; }
    /// For going back to an earlier moment.
    struct Moment {
        FlashContent content;
        std::optional<SlotId> running;
    };
    [[nodiscard]] Moment moment() const { return {flash_->content(), running_}; }
    void go_to(const Moment& moment);

    /// Cuts the supply at an operation counted from now, across resets; nothing: no cut.
    void schedule(const std::optional<PowerCut>& cut);
    /// Whether the scheduled cut is still to come.
    [[nodiscard]] bool cut_scheduled() const { return cut_.has_value() && flash_->powered(); }

    std::uint8_t tries = 3;
    bool accept_no_way_back = false;
    ToldSupply supply;                                      ///< that erases of slots wait for
    std::span<const DecoderEntry> decoders = all_decoders;  ///< that are linked
    /// In place of sb::boot: a test may put a broken one there.
    std::function<BootReport(Journal&, const BootDevice&)> bootloader{};

private:
    [[nodiscard]] InstallDevice install_device(std::optional<SlotId> running);
    [[nodiscard]] std::uint32_t take_terms(const BoardTerms& terms);
    void power_up();
    Result<void> open(Journal& journal, Marks* marks = nullptr) const;
    void program_padded(std::uint32_t offset, Bytes data);

    BoardSpec spec_;
    BoardMap regions_;
    const BoardIdentity& identity_;
    Crypto& crypto_;
    std::unique_ptr<NorFlash> flash_;
    std::optional<SparingFlash> sparing_;
    FlashMap map_;
    std::vector<std::uint8_t> ram_;  // where images run (ram_load)
    std::optional<RamImage> ram_image_;
    std::optional<SlotId> running_;
    std::uint64_t resumed_from_ = 0;
    std::optional<PowerCut> cut_;
    std::uint64_t cut_operation_ = 0;  // in operations of the part
    std::span<const DecoderOffer> offers_;
    std::uint32_t max_block_bytes_ = 1024;
    std::vector<std::uint64_t> work_;
    std::vector<std::uint8_t> seen_;  // of an image that is looked at
};

}  // namespace sb::sim
