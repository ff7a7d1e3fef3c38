#include "tools/diff/rolling_index.hpp"

#include <algorithm>
#include <stdexcept>

namespace sb::diff {
namespace {

constexpr std::size_t shortest_block = 32;
constexpr std::size_t slot_bytes = sizeof(std::uint32_t) + sizeof(std::uint16_t);
constexpr std::size_t most_probes = 8;

/// A table two thirds full is still searched fast.
std::size_t block_bytes_for(std::uint64_t old_bytes, std::size_t table_bytes) {
    const std::uint64_t blocks = std::max<std::size_t>(table_bytes / slot_bytes * 2 / 3, 1);
    return std::max<std::size_t>(shortest_block, (old_bytes / blocks + 16) / 16 * 16);
}

std::uint64_t mixed(std::uint64_t hash) {
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93;
    return hash ^ hash >> 32;
}

}  // namespace

RollingIndex::RollingIndex(Reader& old, std::size_t table_bytes, const std::function<void(double)>& progress)
    : block_bytes_(block_bytes_for(old.bytes(), table_bytes)) {
    const std::size_t slots = old.bytes() / block_bytes_ * 3 / 2 + 16;
    blocks_.resize(slots);
    prints_.resize(slots);
    const std::size_t step = std::max<std::size_t>((std::size_t{1} << 18) / block_bytes_, 1);  // blocks at a time
    std::vector<std::uint8_t> piece(step * block_bytes_);
    RollingHash hash(block_bytes_);
    const std::uint32_t count = old.bytes() / static_cast<std::uint32_t>(block_bytes_);
    for (std::uint32_t block = 0; block < count;) {
        const auto here = std::min<std::size_t>(step, count - block);
        const MutableBytes bytes = MutableBytes(piece).first(here * block_bytes_);
        if (!old.read(block * static_cast<std::uint32_t>(block_bytes_), bytes))
            throw std::runtime_error("cannot read the old file");
        for (std::size_t i = 0; i < here; ++i) {
            hash.start(bytes.subspan(i * block_bytes_, block_bytes_));
            insert(hash.value(), block++);
        }
        if (progress) progress(static_cast<double>(block) / count);
    }
}

void RollingIndex::insert(std::uint64_t hash, std::uint32_t block) {
    const std::uint64_t bits = mixed(hash);
    const auto print = static_cast<std::uint16_t>(bits);
    std::size_t slot = static_cast<std::size_t>((bits >> 32) * blocks_.size() >> 32);
    for (std::size_t probe = 0; probe < most_probes; ++probe) {
        if (blocks_[slot] == 0) {
            blocks_[slot] = block + 1;
            prints_[slot] = print;
            return;
        }
        if (prints_[slot] == print) return;  // most likely an equal block
        slot = slot + 1 == blocks_.size() ? 0 : slot + 1;
    }
}

std::optional<std::uint32_t> RollingIndex::find(std::uint64_t hash) const {
    const std::uint64_t bits = mixed(hash);
    const auto print = static_cast<std::uint16_t>(bits);
    std::size_t slot = static_cast<std::size_t>((bits >> 32) * blocks_.size() >> 32);
    for (std::size_t probe = 0; probe < most_probes && blocks_[slot] != 0; ++probe) {
        if (prints_[slot] == print) return (blocks_[slot] - 1) * static_cast<std::uint32_t>(block_bytes_);
        slot = slot + 1 == blocks_.size() ? 0 : slot + 1;
    }
    return std::nullopt;
}

}  // namespace sb::diff
