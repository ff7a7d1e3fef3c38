// sim/powercut: a whole xip device in memory, for simulators and tests: one NOR part, the flash map, the keys, and
// the same bootloader, journal and install session that a real board links. What a program would hold in RAM is lost
// at each reset. sim/device is the device that a layout file and a directory describe; this one is copied and reset
// millions of times, on parts that no layout describes (weak cells, torn writes, odd granules), and trusts by table.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/crc32.hpp"
#include "core/boot/boot.hpp"
#include "core/delta/all_decoders.hpp"
#include "core/install/session.hpp"
#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

/// The physics and sizes of a board. The map is: slot A, slot B, journal.
struct BoardSpec {
    std::string name;
    std::uint32_t unit_bytes = 1024;
    std::uint32_t slot_units = 6;
    std::uint32_t granule = 4;
    std::uint8_t erased = 0xFF;
    bool ecc = false;
    bool erased_readable = true;
    bool reprogram_same = true;
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

    /// Leaves the factory: `image` in slot A, a journal that says so. Every other unit is blank.
    void provision(Bytes image);

    /// Power on and run the bootloader. Nothing runs when power is cut meanwhile or nothing is bootable.
    BootReport reset();
    /// Offers `package` to a new install session of the running application (of the bootloader in update mode), in
    /// pieces of `piece` bytes, until it is complete, and stages it.
    Result<void> install(Bytes package, std::size_t piece = 200);
    /// The running application confirms itself.
    Result<void> confirm();

    [[nodiscard]] NorFlash& flash() { return *flash_; }
    [[nodiscard]] const FlashMap& map() const { return map_; }
    [[nodiscard]] std::optional<SlotId> running() const { return running_; }
    /// The newest state in the journal; the default state when it is lost.
    [[nodiscard]] State state() const;
    /// Of the last install(): the offset that followed the envelope (0: from the start), and bytes taken.
    [[nodiscard]] std::uint64_t resumed_from() const { return resumed_from_; }
    /// Whether the slot holds `image`, as read now.
    [[nodiscard]] bool holds(SlotId slot, Bytes image);
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
    std::span<const DecoderEntry> decoders = all_decoders;  ///< that are linked

private:
    [[nodiscard]] std::uint32_t journal_units() const;
    void power_up();

    BoardSpec spec_;
    const BoardIdentity& identity_;
    Crypto& crypto_;
    std::unique_ptr<NorFlash> flash_;
    FlashMap map_;
    std::optional<SlotId> running_;
    std::uint64_t resumed_from_ = 0;
    std::optional<PowerCut> cut_;
    std::uint64_t cut_operation_ = 0;  // in operations of the part
    std::vector<std::uint64_t> work_;
};

}  // namespace sb::sim
