// Any card at all: no block outside of its volume is read, no walk is longer than a directory or a file can be, and
// a file ends with its length. Input: the card's first blocks; then the rest comes again and again, so
// that small inputs are large volumes.
#include <cstdlib>

#include "core/link/fat/fat_file.hpp"
#include "core/link/fat/partition_table.hpp"

namespace {

using namespace sb;

void require(bool holds) {
    if (!holds) std::abort();
}

class Card final : public BlockSource {
public:
    explicit Card(Bytes data) : data_(data) {}

    Result<void> read_block(std::uint32_t number, CardBlock& out) override {
        ++reads;
        const std::size_t blocks = data_.size() / card_block_bytes;
        if (blocks == 0) return fail(Error::out_of_range);
        copy(out, data_.subspan(number % blocks * card_block_bytes, card_block_bytes));
        require(number == 0 || (number >= first_ && number - first_ < blocks_));
        learn(number, out);
        return {};
    }

    std::uint32_t reads = 0;

private:
    /// What the volume may be, by the block that was just read.
    void learn(std::uint32_t number, const CardBlock& block) {
        const bool boots = is_fat_boot_sector(block);
        if (number == 0 && !boots) {
            for (const Partition& partition : partitions_of(block)) {
                const bool fat = partition.type == 1 || partition.type == 4 || partition.type == 6 ||
                                 (partition.type >= 0x0B && partition.type <= 0x0E && partition.type != 0x0D);
                if (!fat || partition.first == 0) continue;
                first_ = partition.first;
                blocks_ = 1;
                return;
            }
            return;
        }
        if (number != first_ || learnt_) return;
        learnt_ = true;
        const auto small = load_le<std::uint16_t>(block, 19);
        blocks_ = small != 0 ? small : load_le<std::uint32_t>(block, 32);
    }

    Bytes data_;
    std::uint32_t first_ = 0;
    std::uint32_t blocks_ = 1;
    bool learnt_ = false;
};

void read(FatVolume& volume, const FatEntry& entry, Card& card) {
    constexpr std::uint32_t most = 200 * card_block_bytes;
    FatFile file(volume, entry);
    for (std::uint32_t at = 0; at < file.bytes() && at < most;) {
        const std::uint32_t before = card.reads;
        const Result<Bytes> piece = file.read(at);
        require(card.reads - before <= 2);
        if (!piece) return;
        require(!piece->empty() && piece->size() <= card_block_bytes && piece->size() <= file.bytes() - at);
        at += static_cast<std::uint32_t>(piece->size());
    }
    require(file.read(file.bytes()).error() == Error::truncated);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Card card(Bytes(data, size));
    FatVolume volume(card);
    if (!volume.open()) return 0;
    require(card.reads <= 2);
    const auto entry = volume.find("UPDATE  SWB");
    require(card.reads <= 2 + 2 * 4096);
    if (entry && *entry) read(volume, **entry, card);
    return 0;
}
