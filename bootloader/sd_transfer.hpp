// bootloader: the file UPDATE.SWB of a card, into one session; and what became of it, remembered in the journal, so
// that a card that stays where it is costs a start a few blocks and nothing else.
//
// The journal's id of a package is kept from its first block to long after its trial: a file with that id was
// installed, or failed its trial, and will again; update mode does not lean on the former but looks at the slot. A file
// that was refused is remembered by an id that covers its length, place and date too: when it is copied to the card
// anew, whole this time, it is looked at again.
#pragma once

#include "bootloader/device.hpp"
#include "core/install/session.hpp"
#include "core/link/fat/fat_file.hpp"

namespace sb::bootloader {

class SdTransfer {
public:
    /// Whether a file that failed before is taken once more.
    enum class Again : std::uint8_t { no, yes };

    /// `running`: the slot that is about to start; none in update mode.
    SdTransfer(const Device& device, Journal& journal, std::optional<SlotId> running);

    /// Whether an update was staged. All else is told on the console: nothing where there is no such file.
    [[nodiscard]] bool run(Again again);

private:
    /// What the file is known by.
    struct Ids {
        ShortDigest package{};
        ShortDigest file{};
    };

    [[nodiscard]] Result<Bytes> read_envelope(FatFile& file) const;
    [[nodiscard]] Ids ids_of(Bytes envelope, const FatEntry& entry) const;
    [[nodiscard]] bool was_dealt_with(const Ids& ids, Again again) const;
    [[nodiscard]] Result<bool> is_what_runs(Bytes envelope) const;
    [[nodiscard]] Result<void> install(FatFile& file) const;
    void remember_installed(const Ids& ids) const;
    void remember_refused(const Ids& ids, Error why) const;
    bool refuse(const Ids& ids, Error why) const;

    const Device& device_;
    Journal& journal_;
    std::optional<SlotId> running_;
};

}  // namespace sb::bootloader
