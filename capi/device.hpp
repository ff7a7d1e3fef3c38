// capi: a device as C opened it: what core leans on, made from the configuration and kept in the opaque state.
#pragma once

#include <optional>

#include "capi/border.hpp"
#include "capi/crypto.hpp"
#include "capi/decoder.hpp"
#include "capi/flash.hpp"
#include "core/boot/boot.hpp"
#include "core/install/session.hpp"

struct switchback_staging {
    const sb::PatchStaging* staging;
};

namespace sb::capi {

class Device {
public:
    /// Requires: the configuration's tables are there, and each part and the cryptography are accepted.
    explicit Device(const switchback_config& config);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    /// Makes map and tables. False: the configuration is none.
    [[nodiscard]] bool take(const switchback_config& config);
    /// Reads the journal anew.
    [[nodiscard]] Result<void> open_journal();
    /// Whether the journal can be leaned on: it was read, whether there was a record or none.
    [[nodiscard]] bool knows_journal() const { return opened_ || opened_.error() == Error::journal_lost; }
    /// What opening the journal answered.
    [[nodiscard]] const Result<void>& opened() const { return opened_; }
    /// Whether there was a record of this layout when the journal was opened.
    [[nodiscard]] bool had_record() const { return had_record_; }

    [[nodiscard]] const FlashMap& map() const { return map_; }
    [[nodiscard]] Journal& journal() { return *journal_; }
    [[nodiscard]] const Journal& journal() const { return *journal_; }
    [[nodiscard]] Crypto& crypto() { return crypto_; }
    [[nodiscard]] KeyRing keys() const { return {keys_.data(), key_count_}; }
    [[nodiscard]] const switchback_mover* mover() const { return mover_; }
    [[nodiscard]] MutableBytes ram() const { return ram_; }

    /// Refers to this, which outlives it.
    [[nodiscard]] InstallDevice install_device(std::optional<SlotId> running);
    [[nodiscard]] BootDevice boot_device(MutableBytes scratch);
    [[nodiscard]] std::uint32_t max_block_bytes() const { return max_block_bytes_; }
    [[nodiscard]] std::uint32_t largest_grant() const;

private:
    struct Part {
        Part(const switchback_flash& part, Supply& supply) : flash(part), sparing(flash, supply) {}
        Part(const Part&) = delete;
        Part& operator=(const Part&) = delete;
        CallbackFlash flash;
        SparingFlash sparing;
    };

    [[nodiscard]] bool take_grants(const switchback_config& config);
    [[nodiscard]] bool take_terms(const switchback_config& config);

    CallbackSupply supply_;
    std::array<std::optional<Part>, SWITCHBACK_MAX_PARTS> parts_;
    CallbackCrypto crypto_;
    FlashMap map_;
    std::optional<Journal> journal_;
    std::array<TrustedKey, SWITCHBACK_MAX_KEYS> keys_{};
    DecoderList decoders_;
    std::array<DecoderOffer, SWITCHBACK_MAX_DECODERS> offers_{};
    Uuid vendor_{};
    Uuid device_class_{};
    const switchback_mover* mover_;
    const switchback_staging* staging_;
    MutableBytes ram_;
    std::uint32_t max_block_bytes_;
    std::uint32_t hardware_floor_;
    std::uint8_t key_count_ = 0;
    std::uint8_t tries_;
    bool allow_downgrade_;
    bool accept_no_way_back_;
    bool golden_below_floor_;
    bool had_record_ = false;
    Result<void> opened_ = fail(Error::io);
};

using HousedDevice = Housed<Device, switchback_device, 0x44455649>;

[[nodiscard]] constexpr switchback_slot to_c(SlotId slot) {
    return static_cast<switchback_slot>(index_of(slot) + 1);
}

}  // namespace sb::capi
