// core/link/fat: the bytes of a file, from anywhere on.
#pragma once

#include "core/link/fat/fat_volume.hpp"

namespace sb {

class FatFile {
public:
    /// Both must outlive it.
    FatFile(FatVolume& volume, const FatEntry& entry) : volume_(volume), entry_(entry) {}

    /// As the directory has it.
    [[nodiscard]] std::uint32_t bytes() const { return entry_.bytes; }
    /// The file's bytes from `offset` on, as far as one block has them: at least one, and good until anything of the
    /// volume is read again. To go on is cheap, to go back is not.
    /// Errors: truncated at the end and behind it; malformed where the clusters end before the file does, or the file
    /// says to be larger than its volume; those of the card.
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset);

private:
    [[nodiscard]] Result<void> go_to(std::uint32_t index);

    FatVolume& volume_;
    const FatEntry& entry_;
    std::uint32_t index_ = 0;    // of the cluster where it stands, in the file
    std::uint32_t cluster_ = 0;  // its number; 0: nowhere yet
};

}  // namespace sb
