#include "core/link/fat/partition_table.hpp"

namespace sb {

namespace {

constexpr std::size_t table_at = 446;
constexpr std::size_t entry_bytes = 16;

bool is_signed(const CardBlock& block) {
    return block[510] == 0x55 && block[511] == 0xAA;
}

/// exFAT and NTFS begin as FAT does, and say nothing of themselves where FAT does.
bool is_other_volume(const CardBlock& block) {
    constexpr std::array<std::uint8_t, 8> exfat = {'E', 'X', 'F', 'A', 'T', ' ', ' ', ' '};
    constexpr std::array<std::uint8_t, 8> ntfs = {'N', 'T', 'F', 'S', ' ', ' ', ' ', ' '};
    const Bytes name = Bytes(block).subspan(3, 8);
    return equal(name, exfat) || equal(name, ntfs);
}

}  // namespace

std::array<Partition, 4> partitions_of(const CardBlock& block0) {
    std::array<Partition, 4> found{};
    if (!is_signed(block0) || is_fat_boot_sector(block0) || is_other_volume(block0)) return found;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Bytes entry = Bytes(block0).subspan(table_at + i * entry_bytes, entry_bytes);
        found[i] = {
            .type = entry[4], .first = load_le<std::uint32_t>(entry, 8), .blocks = load_le<std::uint32_t>(entry, 12)};
    }
    return found;
}

/// Without the helper for counting bits, which a Cortex-M0's compiler would call.
constexpr bool is_power_of_two(std::uint32_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/// A jump, and numbers that only a volume has there.
bool is_fat_boot_sector(const CardBlock& block) {
    const bool jumps = (block[0] == 0xEB && block[2] == 0x90) || block[0] == 0xE9;
    const auto sector_bytes = load_le<std::uint16_t>(block, 11);
    const std::uint8_t fats = block[16];
    return is_signed(block) && jumps && sector_bytes >= 512 && sector_bytes <= 4096 && is_power_of_two(sector_bytes) &&
           is_power_of_two(block[13]) && fats >= 1 && fats <= 2 && load_le<std::uint16_t>(block, 14) != 0;
}

bool are_free(const CardBlock& block0, std::uint32_t first, std::uint32_t blocks, std::uint8_t own) {
    const std::uint64_t behind = std::uint64_t{first} + blocks;
    if (is_signed(block0) && is_other_volume(block0)) return false;
    if (is_fat_boot_sector(block0)) {
        const std::uint64_t sector_blocks = load_le<std::uint16_t>(block0, 11) / card_block_bytes;
        return load_le<std::uint16_t>(block0, 14) * sector_blocks >= behind;
    }
    for (const Partition& partition : partitions_of(block0)) {
        if (partition.type == 0 || partition.type == own) continue;
        if (partition.first < behind && first < std::uint64_t{partition.first} + partition.blocks) return false;
    }
    return true;
}

}  // namespace sb
