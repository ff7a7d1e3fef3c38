// core/link/fat: volumes for tests, made block by block. Blocks that were never written read as zeros.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/link/fat/fat_volume.hpp"

namespace sb {

struct FatRecipe {
    bool wide = false;  ///< FAT32
    std::uint32_t partition_at = 0;
    std::uint16_t reserved = 4;
    std::uint8_t cluster_blocks = 1;
    std::uint32_t clusters = 5'000;  ///< 70'000 with `wide`, unless there are more
};

class FatImage final : public BlockSource {
public:
    explicit FatImage(const FatRecipe& recipe) : recipe_(recipe) {
        if (recipe_.wide && recipe_.clusters < 66'000) recipe_.clusters = 70'000;
        fat_blocks_ = ((recipe_.clusters + 2) * entry_bytes() + 511) / 512;
        if (recipe_.partition_at != 0) write_table();
        write_boot_sector();
        if (recipe_.wide) link(2, end());
    }

    [[nodiscard]] Result<void> read_block(std::uint32_t number, CardBlock& out) override {
        ++reads;
        if (number >= behind()) outside = true;
        const auto found = blocks_.find(number);
        out = found == blocks_.end() ? CardBlock{} : found->second;
        return failing == number ? fail(Error::io) : Result<void>{};
    }

    /// Adds a file that stands in these clusters, or elsewhere. `name`: 11 characters.
    void add(const std::string& name, const std::vector<std::uint8_t>& data,
             const std::vector<std::uint32_t>& clusters) {
        for (std::size_t i = 0; i < clusters.size(); ++i) {
            link(clusters[i], i + 1 < clusters.size() ? clusters[i + 1] : end());
            for (std::size_t b = 0; b < recipe_.cluster_blocks; ++b) {
                const std::size_t from = (i * recipe_.cluster_blocks + b) * 512;
                for (std::size_t at = 0; at < 512 && from + at < data.size(); ++at)
                    block(data_at() + (clusters[i] - 2) * recipe_.cluster_blocks + static_cast<std::uint32_t>(b))[at] =
                        data[from + at];
            }
        }
        enter(name, clusters.empty() ? 0 : clusters[0], static_cast<std::uint32_t>(data.size()));
    }
    /// A directory entry as it is.
    void enter(const std::string& name, std::uint32_t cluster, std::uint32_t bytes, std::uint8_t attributes = 0x20) {
        const std::uint32_t at = entries_++ * 32;
        CardBlock& to = block((recipe_.wide ? data_at() : root_at()) + at / 512);
        const MutableBytes entry = MutableBytes(to).subspan(at % 512, 32);
        std::memcpy(entry.data(), name.data(), 11);
        entry[11] = attributes;
        store_le<std::uint16_t>(entry, 20, static_cast<std::uint16_t>(cluster >> 16U));
        store_le<std::uint32_t>(entry, 22, 0x5A21'6000);
        store_le<std::uint16_t>(entry, 26, static_cast<std::uint16_t>(cluster));
        store_le<std::uint32_t>(entry, 28, bytes);
    }
    void link(std::uint32_t cluster, std::uint32_t next) {
        const std::uint32_t at = cluster * entry_bytes();
        CardBlock& to = block(recipe_.reserved + at / 512);
        if (recipe_.wide) {
            store_le<std::uint32_t>(to, at % 512, next);
        } else {
            store_le<std::uint16_t>(to, at % 512, static_cast<std::uint16_t>(next));
        }
    }

    /// Of the volume.
    CardBlock& block(std::uint32_t number) { return blocks_[recipe_.partition_at + number]; }
    [[nodiscard]] const std::map<std::uint32_t, CardBlock>& blocks() const { return blocks_; }
    [[nodiscard]] std::uint32_t end() const { return recipe_.wide ? 0x0FFF'FFF8 : 0xFFF8; }
    [[nodiscard]] std::uint32_t clusters() const { return recipe_.clusters; }
    [[nodiscard]] std::uint64_t behind() const { return std::uint64_t{recipe_.partition_at} + volume_blocks(); }

    std::uint32_t reads = 0;
    bool outside = false;  ///< a block behind the volume was read
    std::optional<std::uint32_t> failing{};

private:
    static constexpr std::uint32_t root_entries = 512;

    [[nodiscard]] std::uint32_t entry_bytes() const { return recipe_.wide ? 4 : 2; }
    [[nodiscard]] std::uint32_t root_at() const { return recipe_.reserved + 2 * fat_blocks_; }
    [[nodiscard]] std::uint32_t data_at() const { return root_at() + (recipe_.wide ? 0 : root_entries / 16); }
    [[nodiscard]] std::uint32_t volume_blocks() const { return data_at() + recipe_.clusters * recipe_.cluster_blocks; }

    static void sign(CardBlock& block) {
        block[510] = 0x55;
        block[511] = 0xAA;
    }
    void write_table() {
        CardBlock& table = blocks_[0];
        table[446 + 4] = recipe_.wide ? 0x0C : 0x06;
        store_le<std::uint32_t>(table, 446 + 8, recipe_.partition_at);
        store_le<std::uint32_t>(table, 446 + 12, volume_blocks());
        sign(table);
    }
    void write_boot_sector() {
        CardBlock& boot = block(0);
        boot[0] = 0xEB;
        boot[2] = 0x90;
        store_le<std::uint16_t>(boot, 11, 512);
        boot[13] = recipe_.cluster_blocks;
        store_le<std::uint16_t>(boot, 14, recipe_.reserved);
        boot[16] = 2;
        store_le<std::uint32_t>(boot, 32, volume_blocks());
        if (recipe_.wide) {
            store_le<std::uint32_t>(boot, 36, fat_blocks_);
            store_le<std::uint32_t>(boot, 44, 2);
        } else {
            store_le<std::uint16_t>(boot, 17, root_entries);
            store_le<std::uint16_t>(boot, 22, static_cast<std::uint16_t>(fat_blocks_));
        }
        sign(boot);
    }

    FatRecipe recipe_;
    std::uint32_t fat_blocks_ = 0;
    std::uint32_t entries_ = 0;
    std::map<std::uint32_t, CardBlock> blocks_;
};

}  // namespace sb
