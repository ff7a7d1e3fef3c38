// bootloader: what every way to receive a package has in common, also for an application that does so beside its work:
// the session that it goes into; and how update mode ends.
#pragma once

#include "bootloader/device.hpp"
#include "core/install/session.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

/// Of the variant. It must not outlive what `device` refers to. `running`: the slot of the image that was verified and
/// is about to start, or runs; none in update mode.
[[nodiscard]] InstallDevice install_device(const Device& device, std::optional<SlotId> running = std::nullopt);

/// One package on its way into one session, from its first byte on whatever the session wants.
class Incoming {
public:
    Incoming(const InstallDevice& device, Journal& journal, MutableBytes work) : session_(device, journal, work) {}

    /// The package's next bytes. Those that an earlier session used are passed over. Errors: those of
    /// InstallSession::write.
    [[nodiscard]] Result<void> take(Bytes data);
    /// Whether nothing of the rest is wanted.
    [[nodiscard]] bool complete() const { return session_.complete(); }
    /// Bytes of the package that an earlier session took; 0: none.
    [[nodiscard]] std::uint32_t resumed_from() const { return static_cast<std::uint32_t>(session_.resumed_from()); }
    /// All came: the image is to be tried. Errors: truncated; those of InstallSession::stage.
    [[nodiscard]] Result<void> finish();

private:
    InstallSession session_;
    std::uint64_t offset_ = 0;  // of the next byte, in the package
};

[[nodiscard]] inline Error error_of(const Result<void>& result) {
    return result ? Error::none : result.error();
}

/// A sender that was cancelled may still be in the middle of a block: what it says is passed over until it is silent.
class Drain {
public:
    /// Once more; returns at once. Whether it is silent now.
    [[nodiscard]] bool over();

private:
    std::uint32_t from_ = port::microseconds();
    std::uint32_t last_ = from_;
};

/// The same, until it is over.
void drain();

/// Ends update mode where it ends without an update too, and starts the board anew.
[[noreturn]] void leave(Journal& journal);

/// A board that does not know who it is takes nothing.
[[noreturn]] void stop_without_identity(Error why);

}  // namespace sb::bootloader
