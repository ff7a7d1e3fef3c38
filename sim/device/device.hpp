// sim/device: a whole simulated device in memory: its flash parts, keys, class, and what is volatile (which slot runs
// since the last reset). Bootloader and installer are the core's own; nothing here decides.
//
//   Device device(layout, identity, keys);
//   write_factory_image(device, image);       // slot A and the first journal record
//   BootReport report = device.reset();
//   Installation i(device); i.session().write(…);
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/boot/boot.hpp"
#include "core/boot/locks.hpp"
#include "core/flash/joined.hpp"
#include "core/install/bootloader_update.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/flash/nor_flash.hpp"
#include "tools/layout/layout.hpp"

namespace sb::sim {

/// What makes a device of its class.
struct Identity {
    std::string class_name;  ///< "vendor-domain/class-name"
    Uuid vendor{};
    Uuid device_class{};
    std::string device_id;  ///< 32 hexadecimal digits
};

/// What a powered device knows until the power goes.
struct Running {
    std::optional<SlotId> slot;  ///< none: update mode
    Decision decision = Decision::update_mode;
    Error cause = Error::none;
    bool on_trial = false;  ///< so it started: what leads back from it is locked until the next reset
};

/// What feeds the device, and from when on it is low. A new one is not.
class Battery final : public Supply {
public:
    explicit Battery(std::uint32_t threshold_millivolts)
        : millivolts(std::max(usual_millivolts, threshold_millivolts)), threshold_(threshold_millivolts) {}
    [[nodiscard]] bool low() override { return millivolts < threshold_; }

    static constexpr std::uint32_t usual_millivolts = 3300;
    std::uint32_t millivolts;

private:
    std::uint32_t threshold_;
};

class Device {
public:
    /// Fresh parts, erased everywhere; nothing runs. Requires: layout::check() accepted `layout`.
    Device(layout::Layout layout, Identity identity, std::vector<TrustedKey> keys);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    [[nodiscard]] const layout::Layout& layout() const { return layout_; }
    [[nodiscard]] const Identity& identity() const { return identity_; }
    [[nodiscard]] const FlashMap& map() const { return map_; }
    [[nodiscard]] KeyRing keys() const { return keys_; }
    [[nodiscard]] Crypto& crypto() { return crypto_; }
    /// One for each part of the layout that is no set, in its order.
    [[nodiscard]] std::vector<std::unique_ptr<NorFlash>>& parts() { return parts_; }
    [[nodiscard]] const std::vector<std::unique_ptr<NorFlash>>& parts() const { return parts_; }

    /// None: the power is off.
    [[nodiscard]] const std::optional<Running>& running() const { return running_; }
    /// As it was: the parts are locked as when it started.
    void set_running(std::optional<Running> running);
    /// The image that runs confirmed itself, and what led back from it stays locked: it takes no package before a
    /// reset.
    [[nodiscard]] bool waits_for_reset();

    /// Power on, bootloader, jump. Whatever ran before is gone.
    [[nodiscard]] BootReport reset();

    /// The running image declares itself good. Errors: not_running when nothing runs; those of sb::confirm.
    [[nodiscard]] Result<void> confirm();

    /// The running application asks for the factory image. Errors: not_running; io, readback.
    [[nodiscard]] Result<void> ask_for_factory_reset(bool keep_data);

    /// The running application, or a button, asks for update mode at the next boots; or the bootloader has waited long
    /// enough. Errors: not_running; those of sb::request_update_mode.
    [[nodiscard]] Result<void> ask_for_update_mode();
    [[nodiscard]] Result<void> leave_update_mode();
    /// The running application's data are in `format` now. Errors: not_running; those of sb::register_data_format.
    [[nodiscard]] Result<void> register_data_format(std::uint8_t format);

    [[nodiscard]] Battery& battery() { return battery_; }
    [[nodiscard]] const Battery& battery() const { return battery_; }
    /// From the `at`-th program or erase from now on, counted from 1 over all parts, the supply gives `millivolts`.
    void drop_supply_at(std::uint64_t at, std::uint32_t millivolts);
    /// Whether no such operation is still to come.
    [[nodiscard]] bool supply_has_dropped() const { return operations_to_drop_ == 0; }

    /// Cuts the power of all parts at the `at`-th program or erase from now on, counted from 1 over all parts.
    void cut_power_at(const PowerCut& cut);
    /// Whether the cut struck. The device is then off: running() is none after forget_if_cut().
    [[nodiscard]] bool power_was_cut() const { return cut_struck_; }
    void forget_if_cut();
    /// Lifts a cut that did not strike.
    void keep_power();
    /// Programs and erases over all parts since they were made.
    [[nodiscard]] std::uint64_t operations() const;

    /// What an install session is given; none runs: the bootloader's.
    [[nodiscard]] InstallDevice install_device(std::optional<SlotId> running);
    /// Work memory for it.
    [[nodiscard]] MutableBytes work();
    /// What an update of the bootloader is given, `running` being the copy that runs. Requires: bootloader_map().
    [[nodiscard]] InstallDevice bootloader_install_device(SlotId running);
    /// The copies of the bootloader as slots; null where the layout has none.
    [[nodiscard]] const FlashMap* bootloader_map() const { return bootloader_map_ ? &*bootloader_map_ : nullptr; }
    /// The copy that stage 0 starts, or nothing. Requires: bootloader_map().
    [[nodiscard]] std::optional<SlotId> bootloader_copy() const;
    /// What the bootloader is given, but for its mover.
    [[nodiscard]] BootDevice boot_device();
    /// Verifies the image in `slot` as the bootloader would that finds `phase` in the journal.
    [[nodiscard]] Result<VerifiedImage> check(SlotId slot, Phase phase = Phase::ready);

private:
    void lock(std::string_view name);
    void before_operation(std::size_t part);
    void lower_supply();
    template <class Act>
    [[nodiscard]] Result<void> with_journal(Act act);

    layout::Layout layout_;
    Identity identity_;
    std::vector<TrustedKey> keys_;
    OpensslCrypto crypto_;
    std::vector<std::unique_ptr<NorFlash>> parts_;
    Battery battery_;
    std::deque<SparingFlash> sparing_;  // the parts, as slots see them
    std::deque<JoinedFlash> joined_;    // and the sets that lie in these
    FlashMap map_;
    std::optional<FlashMap> bootloader_map_;
    std::optional<Running> running_;
    std::vector<std::uint8_t> scratch_;
    std::vector<std::uint64_t> work_;  // aligned for the decoders
    std::vector<std::uint8_t> ram_;    // where images run (ram-load)
    RamImage ram_image_;
    std::uint64_t operations_to_drop_ = 0;
    std::uint32_t dropped_millivolts_ = 0;
    std::optional<PowerCut> cut_;
    std::uint64_t operations_to_cut_ = 0;
    bool cut_struck_ = false;
};

/// An install session on a device with everything it leans on.
class Installation {
public:
    /// The journal is opened as part of it. Requires: the device is powered and outlives it.
    explicit Installation(Device& device);
    [[nodiscard]] InstallSession& session() { return *session_; }
    /// Bytes of the package, from its start, that the journal records as accepted: a later session goes on there.
    [[nodiscard]] std::uint64_t accepted_bytes() const;
    /// Of the update, as the journal has it.
    [[nodiscard]] Phase phase() const { return journal_.state().boot.phase; }

private:
    InstallDevice facts_;
    Journal journal_;
    std::optional<InstallSession> session_;
};

/// An update of the bootloader, with everything it leans on.
class BootloaderInstallation {
public:
    /// `running`: the bootloader_copy() that runs. Requires: the device is powered and outlives it.
    BootloaderInstallation(Device& device, SlotId running);
    [[nodiscard]] BootloaderUpdate& update() { return update_; }

private:
    InstallDevice facts_;
    std::array<std::uint8_t, bootloader_records_bytes> records_{};
    BootloaderUpdate update_;
};

/// Programs `image` (header through last TLV; what follows is left out) into slot A as a factory would, and writes the
/// first journal record: READY, slot A active and confirmed. Empty: an unprogrammed device, with a record that says so.
/// Errors: those of check_slot for an image that this device would not run; too_large; those of the flash.
[[nodiscard]] Result<void> write_factory_image(Device& device, Bytes image);

/// Programs `image` into copy A of the bootloader and seals it. Errors: the same; bad_state where there are no copies.
[[nodiscard]] Result<void> write_bootloader(Device& device, Bytes image);

/// Programs `image` into the region `golden`. Errors: the same; bad_state where the layout has no such region.
[[nodiscard]] Result<void> write_golden_image(Device& device, Bytes image);

}  // namespace sb::sim
