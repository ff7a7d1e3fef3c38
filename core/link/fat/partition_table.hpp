// core/link/fat: what block 0 of a card says of who owns which blocks: a partition table (MBR), or a volume that takes
// the whole card. Nothing here reads the card.
#pragma once

#include "core/link/fat/block_source.hpp"

namespace sb {

struct Partition {
    std::uint8_t type = 0;  ///< 0: there is none
    std::uint32_t first = 0;
    std::uint32_t blocks = 0;
};

/// The four entries of a partition table; of a block that is none, four that are empty. Source of facts: UEFI
/// Specification 2.10, 5.2.1 "Legacy Master Boot Record".
[[nodiscard]] std::array<Partition, 4> partitions_of(const CardBlock& block0);

/// Whether a FAT volume begins with this block.
[[nodiscard]] bool is_fat_boot_sector(const CardBlock& block);

/// Whether blocks [first, first + blocks) belong to nobody, as far as block 0 tells, or to a partition of the type
/// `own`. A block 0 that says nothing leaves them free, and so does a FAT volume that has them among the blocks that it
/// reserves before its tables.
[[nodiscard]] bool are_free(const CardBlock& block0, std::uint32_t first, std::uint32_t blocks, std::uint8_t own);

}  // namespace sb
