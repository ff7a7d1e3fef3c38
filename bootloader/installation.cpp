#include "bootloader/installation.hpp"

#include "bootloader/console.hpp"
#include "core/boot/application.hpp"
#include "generated/variant.hpp"

namespace sb::bootloader {

namespace {

/// A patch that rewrites the image is kept for the bootloader.
constexpr const PatchStaging* patches = board::scheme == Scheme::inplace ? &patch_staging : nullptr;

}  // namespace

InstallDevice install_device(const Device& device, std::optional<SlotId> running) {
    return {.map = device.map,
            .crypto = device.crypto,
            .keys = device.keys,
            .vendor = device.identity.vendor,
            .device_class = device.identity.device_class,
            .decoders = variant::decoders,
            .offers = board::decoders,
            .max_block_bytes = board::max_block_bytes,
            .hardware_floor = port::hardware_floor(),
            .tries = board::tries,
            .allow_downgrade = board::allow_downgrade,
            .patches = patches,
            .accept_no_way_back = board::accept_no_way_back,
            .golden_below_floor = board::golden_below_floor,
            .running = running,
            .supply = port::supply()};
}

/// The session may want less than came, as it goes on where it was cut.
Result<void> Incoming::take(Bytes data) {
    const std::uint64_t behind = offset_ + data.size();
    for (std::uint64_t at = offset_; at < behind && !session_.complete();) {
        SB_TRY_ASSIGN(const std::uint64_t wanted,
                      session_.write(at, data.subspan(static_cast<std::size_t>(at - offset_))));
        if (wanted <= at) break;
        at = wanted;
    }
    offset_ = behind;
    return {};
}

Result<void> Incoming::finish() {
    if (!session_.complete()) return fail(Error::truncated);
    return session_.stage();
}

bool Drain::over() {
    constexpr std::uint32_t pause = 250'000;
    constexpr std::uint32_t longest = 20'000'000;
    const std::uint32_t now = port::microseconds();
    if (port::get_byte()) last_ = now;
    return now - last_ >= pause || now - from_ >= longest;
}

void drain() {
    for (Drain line; !line.over();) port::kick_watchdog();
}

void leave(Journal& journal) {
    // Where nothing can be recorded the next boot waits again, and that is right.
    if (is_rest(journal.state().boot.phase)) static_cast<void>(leave_update_mode(journal));
    print("\r\nrestart\r\n");
    port::reset();
}

void stop_without_identity(Error why) {
    print_cause("no identity", why);
    drain();
    port::reset();
}

}  // namespace sb::bootloader
