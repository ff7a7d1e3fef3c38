#include "core/link/fat/fat_volume.hpp"

#include "core/link/fat/partition_table.hpp"

namespace sb {

namespace {

constexpr std::size_t name_bytes = 11;
constexpr std::uint32_t entry_bytes = 32;
constexpr std::uint32_t most_directory_blocks = 65'536 * entry_bytes / card_block_bytes;
constexpr std::uint8_t end_of_directory = 0;
constexpr std::uint8_t no_file = 0x08 | 0x10;  // a volume's label, part of a long name; a directory

// Fewer clusters are FAT12, fewer of the second FAT16. The number tells, and nothing else.
constexpr std::uint32_t fewest_of_fat16 = 4'085;
constexpr std::uint32_t fewest_of_fat32 = 65'525;

bool is_fat_type(std::uint8_t type) {
    constexpr std::array<std::uint8_t, 6> types = {0x01, 0x04, 0x06, 0x0E, 0x0B, 0x0C};
    for (const std::uint8_t each : types) {
        if (each == type) return true;
    }
    return false;
}

enum class Found : std::uint8_t { nothing, file, end };

/// Looks through one block of a directory.
Found look_for(std::string_view name, Bytes block, FatEntry& file) {
    for (std::size_t at = 0; at < block.size(); at += entry_bytes) {
        const Bytes entry = block.subspan(at, entry_bytes);
        if (entry[0] == end_of_directory) return Found::end;
        if ((entry[11] & no_file) != 0 || std::memcmp(entry.data(), name.data(), name_bytes) != 0) continue;
        const std::uint32_t high = load_le<std::uint16_t>(entry, 20);
        file = {.first_cluster = high << 16U | load_le<std::uint16_t>(entry, 26),
                .bytes = load_le<std::uint32_t>(entry, 28),
                .written = load_le<std::uint32_t>(entry, 22)};
        return Found::file;
    }
    return Found::nothing;
}

}  // namespace

Result<void> FatVolume::open() {
    SB_TRY_ASSIGN(const std::uint32_t room, locate());
    return take_shape(room);
}

/// The volume's boot sector is loaded then. Answers how many blocks the volume has at most.
Result<std::uint32_t> FatVolume::locate() {
    first_ = 0;
    blocks_ = UINT32_MAX;
    loaded_.reset();
    SB_TRY(load(0));
    if (is_fat_boot_sector(block_)) return UINT32_MAX;
    for (const Partition& partition : partitions_of(block_)) {
        if (!is_fat_type(partition.type) || partition.first == 0) continue;
        first_ = partition.first;
        SB_TRY(load(0));
        if (!is_fat_boot_sector(block_)) break;
        return partition.blocks;
    }
    return fail(Error::malformed);
}

/// What the boot sector says of where everything stands.
Result<void> FatVolume::take_shape(std::uint32_t room) {
    const Bytes boot(block_);
    if (load_le<std::uint16_t>(boot, 11) != card_block_bytes) return fail(Error::unsupported);
    cluster_blocks_ = boot[13];
    const std::uint32_t fats = boot[16];
    const std::uint32_t small_fat = load_le<std::uint16_t>(boot, 22);
    const std::uint32_t small_total = load_le<std::uint16_t>(boot, 19);
    const std::uint64_t fat_blocks = small_fat != 0 ? small_fat : load_le<std::uint32_t>(boot, 36);
    blocks_ = small_total != 0 ? small_total : load_le<std::uint32_t>(boot, 32);
    fat_at_ = load_le<std::uint16_t>(boot, 14);
    root_blocks_ =
        (std::uint32_t{load_le<std::uint16_t>(boot, 17)} * entry_bytes + card_block_bytes - 1) / card_block_bytes;
    const std::uint64_t root_at = fat_at_ + fats * fat_blocks;
    const std::uint64_t data_at = root_at + root_blocks_;
    if (blocks_ > room || blocks_ > UINT32_MAX - first_ || data_at >= blocks_) return fail(Error::malformed);
    root_at_ = static_cast<std::uint32_t>(root_at);
    data_at_ = static_cast<std::uint32_t>(data_at);
    clusters_ = (blocks_ - data_at_) / cluster_blocks_;
    if (clusters_ < fewest_of_fat16) return fail(Error::unsupported);
    const bool wide = clusters_ >= fewest_of_fat32;
    if (wide != (root_blocks_ == 0)) return fail(Error::malformed);
    root_cluster_ = wide ? load_le<std::uint32_t>(boot, 44) : 0;
    const std::uint64_t table_bytes = (std::uint64_t{clusters_} + 2) * (wide ? 4 : 2);
    if (fat_blocks * card_block_bytes < table_bytes) return fail(Error::malformed);
    return {};
}

Result<std::optional<FatEntry>> FatVolume::find(std::string_view name) {
    FatEntry file;
    std::uint32_t cluster = root_cluster_;
    const std::uint32_t most = root_blocks_ != 0 ? root_blocks_ : most_directory_blocks;
    for (std::uint32_t i = 0; i < most; ++i) {
        Found found = Found::nothing;
        if (root_blocks_ != 0) {
            SB_TRY(load(std::uint64_t{root_at_} + i));
            found = look_for(name, block_, file);
        } else {
            const std::uint32_t index = i % cluster_blocks_;
            if (i != 0 && index == 0) {
                SB_TRY_ASSIGN(cluster, next(cluster));
            }
            SB_TRY_ASSIGN(const Bytes block, block_of(cluster, index));
            found = look_for(name, block, file);
        }
        if (found == Found::end) break;
        if (found == Found::file) return file;
    }
    return std::nullopt;
}

bool FatVolume::has_room_for(std::uint32_t bytes) const {
    return bytes <= std::uint64_t{clusters_} * cluster_blocks_ * card_block_bytes;
}

Result<std::uint32_t> FatVolume::next(std::uint32_t cluster) {
    constexpr std::uint32_t number_mask = 0x0FFF'FFFF;  // FAT32 keeps four bits for others
    if (!holds(cluster)) return fail(Error::malformed);
    const bool wide = root_blocks_ == 0;
    const std::uint64_t at = std::uint64_t{cluster} * (wide ? 4 : 2);
    SB_TRY(load(fat_at_ + at / card_block_bytes));
    const std::size_t within = at % card_block_bytes;
    const std::uint32_t next =
        wide ? load_le<std::uint32_t>(block_, within) & number_mask : load_le<std::uint16_t>(block_, within);
    if (!holds(next)) return fail(Error::malformed);
    return next;
}

Result<Bytes> FatVolume::block_of(std::uint32_t cluster, std::uint32_t index) {
    if (!holds(cluster)) return fail(Error::malformed);
    SB_TRY(load(data_at_ + std::uint64_t{cluster - 2} * cluster_blocks_ + index));
    return Bytes(block_);
}

/// Block `number` of the volume. Errors: out_of_range behind its end.
Result<void> FatVolume::load(std::uint64_t number) {
    if (number >= blocks_) return fail(Error::out_of_range);
    const auto on_card = static_cast<std::uint32_t>(first_ + number);
    if (loaded_ == on_card) return {};
    loaded_.reset();
    SB_TRY(card_.read_block(on_card, block_));
    loaded_ = on_card;
    return {};
}

}  // namespace sb
