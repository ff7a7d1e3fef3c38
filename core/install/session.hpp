// core/install: from bytes of any link to a verified image in the slot that does not run. One session takes one
// package: envelope (authenticated, judged by policy), chain (each block authenticated before it is used), decoder,
// slot writer (erase, program, read back), journal (what is accepted is recorded), final verification, stage.
//
//   InstallSession s(device, journal, work);
//   while (!s.complete()) {
//       auto next = s.write(s.next_offset(), bytes_of_package_at(s.next_offset()));
//       if (!next && next.error() != Error::bad_digest) return give_up(next.error());
//   }
//   s.stage();
//
// After a reset a new session with the same package carries on where the journal says: the answer to the
// envelope is then an offset far into the package.
#pragma once

#include "core/boot/boot.hpp"
#include "core/flash/region_reader.hpp"
#include "core/install/staged_package.hpp"

namespace sb {

/// What a session leans on. It must outlive the session, and so must what it refers to.
struct InstallDevice {
    const FlashMap& map;
    Crypto& crypto;
    KeyRing keys;
    Uuid vendor{};
    Uuid device_class{};
    std::span<const DecoderEntry> decoders{};  ///< those that are linked; raw is one of them
    std::span<const DecoderOffer> offers{};    ///< those that the layout grants, and in how much memory
    std::uint32_t max_block_bytes = 1024;
    std::uint32_t hardware_floor = 0;
    std::uint8_t tries = 3;
    bool allow_downgrade = false;
    /// Of scheme inplace; of scheme copy, if its bootloader has an UndoMover, and of single, if a RewriteMover. Then a
    /// package that nothing could undo is refused while an image stands that may run.
    const PatchStaging* patches = nullptr;
    bool accept_no_way_back = false;  ///< it is taken although there is no factory image
    bool golden_below_floor = false;  ///< from the layout: that runs whatever its security counter
    /// The slot that executes now; none in the bootloader's update mode. The slot that is written is
    /// map.download_slot() of the active one.
    std::optional<SlotId> running = SlotId::a;
    Supply* supply = nullptr;  ///< that the map's parts are wrapped with, if any
};

class InstallSession {
public:
    /// `work` is aligned to 8 bytes and holds install_work_bytes() of what the device's decoders need. With less for
    /// decoders, packages that need more are refused with no_decoder; with less than install_work_bytes(…, 0) every
    /// package is refused with too_large. Requires: journal.open() was called in this session, whatever it answered.
    InstallSession(const InstallDevice& device, Journal& journal, MutableBytes work);
    InstallSession(const InstallSession&) = delete;
    InstallSession& operator=(const InstallSession&) = delete;

    /// Takes `data`, the package's bytes from `offset`, and answers the offset that is wanted next. Bytes before the
    /// wanted offset are skipped; bytes that leave a gap are ignored.
    /// Errors:
    ///  - bad_digest while the payload comes in: a block does not verify. Nothing of it was used; send it again from
    ///    next_offset().
    ///  - Refused, nothing written to a slot: those of open_package, check_policy and make_decoder; not_confirmed while
    ///    the running image is on trial; bad_state when `running` is not the journal's active slot, or is the one that
    ///    would be written (single); io and readback when the journal cannot record the start.
    ///  - low_battery: an erase had to wait. The journal says so and stays where it is: a new session goes on there.
    ///    (single: a download that would give up the whole old image is not begun, and nothing is recorded.)
    ///  - All others end the update: the journal says FAILED with the error as its cause; the running image is
    ///    untouched.
    /// After all but the first kind the session is over and repeats its error.
    [[nodiscard]] Result<std::uint64_t> write(std::uint64_t offset, Bytes data);

    /// The offset of the package's byte that is wanted next. Behind the envelope it leaps over the payload of the
    /// slot that is not written, and over what an earlier session took.
    [[nodiscard]] std::uint64_t next_offset() const { return next_; }
    /// Where the payload went on: 0 for a fresh start, else the offset that followed the envelope.
    [[nodiscard]] std::uint64_t resumed_from() const { return resumed_from_; }
    /// Whether the whole image is written and verified (phase CANDIDATE or later).
    [[nodiscard]] bool complete() const { return step_ == Step::complete; }
    /// Known once the envelope was accepted.
    [[nodiscard]] const std::optional<Package>& package() const { return package_; }
    /// Length of the whole package; 0 until the envelope was accepted.
    [[nodiscard]] std::uint64_t package_bytes() const;
    /// Bytes of the image that are written so far.
    [[nodiscard]] std::uint32_t image_bytes_done() const { return making_.bytes_written(); }

    /// Asks for the image to be tried at the next boot. Requires complete(). Errors: bad_state; io, readback.
    [[nodiscard]] Result<void> stage();

private:
    enum class Step : std::uint8_t { envelope, payload, complete, ended };

    Result<void> take_envelope(Bytes& data);
    Result<void> accept_package();
    [[nodiscard]] Result<void> check_running(const BootState& boot) const;
    Result<void> judge(const BootState& boot);
    Result<void> prepare();
    Result<void> check_staged();
    /// Whether the package waits in the patch area for the bootloader to use it.
    [[nodiscard]] bool is_patch() const { return device_.patches != nullptr && package_ && package_->payload.in_place; }
    [[nodiscard]] StagingDevice staging_device() const;
    Result<void> turn_to_image();
    void keep();
    [[nodiscard]] bool may_look_at_active(const BootState& boot) const;
    Result<void> give_up_old(BootState& boot) const;
    bool result_stands(Phase phase);
    Result<void> start(State next);
    Result<void> resume();
    Result<void> go_on();
    Result<void> take_block(Bytes& data);
    Result<void> finish();
    Result<void> check_result();
    Result<void> refuse(Error why);
    Result<void> end_update(Error cause);
    /// Where the chain that is taken begins in the package.
    [[nodiscard]] std::uint64_t chain_starts() const { return envelope_bytes_ + (keeping_ ? 0 : package_->chain_from); }

    const InstallDevice& device_;
    Journal& journal_;
    SlotId target_;  // the slot that is written
    Making making_;
    RegionReader old_image_;
    std::optional<Package> package_;
    std::uint64_t next_ = 0;
    std::uint64_t resumed_from_ = 0;
    std::uint32_t envelope_bytes_ = 0;
    std::uint32_t filled_ = 0;  // bytes of the envelope that came
    bool keeping_ = false;      // the reverse patch comes in
    Step step_ = Step::envelope;
    Error ended_with_ = Error::none;
};

}  // namespace sb
