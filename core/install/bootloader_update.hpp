// core/install: the bootloader as a component. A package for it is one for a device class of its own (by custom the
// device's class with "/bootloader" behind), with a build for each of the two copies; it is taken by the same session
// as every other, written to the copy that does not run, verified there, and sealed (core/stage0). Whatever is cut
// when, a copy that is whole starts; the state of the images, and their journal, are not touched.
//
//   BootloaderUpdate update(device, own_copy, records, work);
//   … update.session().write(…) until complete(), as in session.hpp …
//   update.seal();                      // the next reset starts it
//
// Nothing is recorded on the way: after a reset the package comes in from its start.
#pragma once

#include "core/flash/ram_flash.hpp"
#include "core/install/session.hpp"
#include "core/stage0/stage0.hpp"

namespace sb {

/// Memory for the records of one update.
inline constexpr std::uint32_t bootloader_records_bytes = 2048;

/// The copies as slots of a flash map: what a session writes to. They run where they stand, in either.
[[nodiscard]] FlashMap bootloader_map(const BootloaderCopies& copies, const std::array<std::uint32_t, 2>& addresses,
                                      std::uint32_t header_bytes, bool cortex_m);

class BootloaderUpdate {
public:
    /// `device`: its map is bootloader_map(), its class that of the bootloader's packages, `running` the copy that
    /// stage 0 started. `records`: bootloader_records_bytes, free for other use before and behind. `work` as
    /// for InstallSession. Nothing is written before session() takes the first block.
    BootloaderUpdate(const InstallDevice& device, MutableBytes records, MutableBytes work);

    /// Takes the package, as InstallSession::write. Errors besides its own: too_large when the image would reach the
    /// seals; those of prove_seal() and unseal(), with which the session is not over.
    [[nodiscard]] Result<std::uint64_t> write(std::uint64_t offset, Bytes data);
    [[nodiscard]] const InstallSession& session() const { return session_; }
    [[nodiscard]] bool complete() const { return session_.complete(); }
    /// The copy that is written.
    [[nodiscard]] SlotId target() const { return other(*device_.running); }

    /// Makes what was received the copy that starts from the next reset on. Once, whatever it answers: after an error
    /// the package comes in again. Errors: bad_state when it is not complete() or was called before; those of
    /// sb::seal().
    [[nodiscard]] Result<void> seal();

private:
    [[nodiscard]] const Region& copy(SlotId id) const { return device_.map.slots[index_of(id)].region; }

    const InstallDevice& device_;
    RamFlash records_;
    Journal journal_;
    InstallSession session_;
    bool unsealed_ = false;
    std::uint32_t number_ = 0;  // of the seal that will be set
};

}  // namespace sb
