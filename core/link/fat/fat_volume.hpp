// core/link/fat: a FAT16 or FAT32 volume on a card, as far as it takes to find one file in its root directory and to
// read it. Only reads. A volume may say what it likes: no block outside of it is read, and every walk has a bound.
// Source of facts: Microsoft, "FAT32 File System Specification" (fatgen103), 2000.
#pragma once

#include <optional>
#include <string_view>

#include "core/link/fat/block_source.hpp"

namespace sb {

/// What the directory says of a file.
struct FatEntry {
    std::uint32_t first_cluster = 0;
    std::uint32_t bytes = 0;
    std::uint32_t written = 0;  ///< date (upper half) and time, as the directory has them

    bool operator==(const FatEntry&) const = default;
};

/// Works in a block of its own.
class FatVolume {
public:
    explicit FatVolume(BlockSource& card) : card_(card) {}
    FatVolume(const FatVolume&) = delete;
    FatVolume& operator=(const FatVolume&) = delete;

    /// Finds the card's first FAT volume: of a partition, or one that takes the whole card. Errors: malformed where
    /// there is none or its numbers contradict each other; unsupported: FAT12, or sectors that are not 512 bytes; those
    /// of the card.
    [[nodiscard]] Result<void> open();
    /// A file of the root directory. `name`: 8 characters and 3, filled up with spaces. Requires: open() was content.
    /// Errors: malformed; those of the card.
    [[nodiscard]] Result<std::optional<FatEntry>> find(std::string_view name);

    // ---- for FatFile

    [[nodiscard]] std::uint32_t cluster_blocks() const { return cluster_blocks_; }
    /// Whether a file of so many bytes fits the volume.
    [[nodiscard]] bool has_room_for(std::uint32_t bytes) const;
    /// The cluster behind `cluster` in its file. Errors: malformed where the file ends with it or the table says what
    /// is no cluster; those of the card.
    [[nodiscard]] Result<std::uint32_t> next(std::uint32_t cluster);
    /// A block of a cluster; good until the next call of anything here. Errors: malformed: no cluster of the volume;
    /// those of the card. Requires: index < cluster_blocks().
    [[nodiscard]] Result<Bytes> block_of(std::uint32_t cluster, std::uint32_t index);

private:
    [[nodiscard]] Result<void> load(std::uint64_t number);
    [[nodiscard]] Result<std::uint32_t> locate();
    [[nodiscard]] Result<void> take_shape(std::uint32_t room);
    [[nodiscard]] bool holds(std::uint32_t cluster) const { return cluster >= 2 && cluster - 2 < clusters_; }

    BlockSource& card_;
    CardBlock block_{};
    std::optional<std::uint32_t> loaded_{};  // the number of block_, on the card
    std::uint32_t first_ = 0;                // the volume's block 0; what follows counts from there
    std::uint32_t blocks_ = 0;               // the volume's
    std::uint32_t fat_at_ = 0;
    std::uint32_t root_at_ = 0;      // FAT16
    std::uint32_t root_blocks_ = 0;  // FAT16; 0: FAT32
    std::uint32_t root_cluster_ = 0;
    std::uint32_t data_at_ = 0;
    std::uint32_t clusters_ = 0;
    std::uint32_t cluster_blocks_ = 0;
};

}  // namespace sb
