// core/delta/sbd: where what a field names has gone. Keys (field.hpp) map old -> new by what was learned from fields
// before, and by blocks of the image that moved as a whole, which stand in front of a patch.
#pragma once

#include <span>

#include "core/delta/sbd/field.hpp"
#include "core/delta/sbd/number.hpp"

namespace sb::sbd {

/// `bytes` of the new image at `new_at` that come from `old_at`.
struct MapBlock {
    std::uint32_t new_at = 0;
    std::uint32_t old_at = 0;
    std::uint32_t bytes = 0;

    /// What is to be added to an old place to get the new one; modulo 2^32.
    [[nodiscard]] std::uint32_t moved_by() const { return new_at - old_at; }
    /// The same the other way round: source minus new position.
    [[nodiscard]] std::uint32_t diagonal() const { return old_at - new_at; }
    bool operator==(const MapBlock&) const = default;
};

/// How a key was mapped: what the hit flag is predicted from.
enum class Confidence : std::uint8_t { far = 0, near = 1, in_block = 2, exact = 3, unmapped = 4 };

struct Mapped {
    std::uint32_t key;
    Confidence confidence;
};

/// Keys that were met, in order of their value, with what each was moved by. When it is full the oldest goes.
class LearnedKeys {
public:
    static constexpr std::uint32_t entry_bytes = 9;
    static constexpr std::uint32_t max_entries = 255;  // ages are compared modulo 256

    LearnedKeys() = default;
    LearnedKeys(std::uint32_t* keys, std::uint32_t* moved_by, std::uint8_t* ages, std::uint32_t capacity)
        : keys_(keys), moved_by_(moved_by), ages_(ages), capacity_(capacity) {}

    void clear() { count_ = 0; }
    [[nodiscard]] std::uint32_t size() const { return count_; }
    [[nodiscard]] std::uint32_t key(std::uint32_t i) const { return keys_[i]; }
    [[nodiscard]] std::uint32_t moved_by(std::uint32_t i) const { return moved_by_[i]; }

    /// The first entry whose key is not below `key`; size() when there is none.
    [[nodiscard]] std::uint32_t lower_bound(std::uint32_t key) const {
        std::uint32_t low = 0, high = count_;
        while (low < high) {
            const std::uint32_t middle = (low + high) / 2;
            if (keys_[middle] < key)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    void learn(std::uint32_t key, std::uint32_t moved_by) {
        std::uint32_t at = lower_bound(key);
        if (at < count_ && keys_[at] == key) {
            moved_by_[at] = moved_by;
            return;
        }
        if (capacity_ == 0) return;
        ++clock_;
        if (count_ == capacity_) {
            const std::uint32_t out = oldest();
            close(out);
            if (out < at) --at;
        }
        open(at);
        keys_[at] = key;
        moved_by_[at] = moved_by;
        ages_[at] = clock_;
    }

private:
    [[nodiscard]] std::uint32_t oldest() const {
        std::uint32_t found = 0;
        for (std::uint32_t i = 1; i < count_; ++i)
            if (age(i) > age(found)) found = i;
        return found;
    }
    [[nodiscard]] std::uint8_t age(std::uint32_t i) const { return static_cast<std::uint8_t>(clock_ - ages_[i]); }

    void move(std::uint32_t to, std::uint32_t from, std::uint32_t count) {
        std::memmove(keys_ + to, keys_ + from, count * sizeof *keys_);
        std::memmove(moved_by_ + to, moved_by_ + from, count * sizeof *moved_by_);
        std::memmove(ages_ + to, ages_ + from, count);
    }
    void close(std::uint32_t at) {
        --count_;
        move(at, at + 1, count_ - at);
    }
    void open(std::uint32_t at) {
        move(at + 1, at, count_ - at);
        ++count_;
    }

    std::uint32_t* keys_ = nullptr;
    std::uint32_t* moved_by_ = nullptr;
    std::uint8_t* ages_ = nullptr;
    std::uint32_t capacity_ = 0;
    std::uint32_t count_ = 0;
    std::uint8_t clock_ = 0;
};

/// Blocks in the order of the new image, which do not overlap there, with an index in the order of the old one.
class BlockMap {
public:
    static constexpr std::uint32_t entry_bytes = sizeof(MapBlock) + 1;
    static constexpr std::uint32_t max_blocks = 255;

    BlockMap() = default;
    /// Requires: `order` has room for one byte a block.
    BlockMap(std::span<const MapBlock> blocks, std::uint8_t* order) : blocks_(blocks), order_(order) {
        for (std::uint32_t i = 0; i < blocks_.size(); ++i) {
            std::uint32_t at = i;
            for (; at != 0 && blocks_[order_[at - 1]].old_at > blocks_[i].old_at; --at) order_[at] = order_[at - 1];
            order_[at] = static_cast<std::uint8_t>(i);
        }
    }

    [[nodiscard]] bool empty() const { return blocks_.empty(); }
    [[nodiscard]] std::span<const MapBlock> all() const { return blocks_; }

    struct Near {
        std::uint32_t distance;  ///< bytes from the block; 0: inside
        std::uint32_t moved_by;
    };
    /// The block nearest to an offset of the old image. Requires: not empty.
    [[nodiscard]] Near nearest(std::uint32_t old_at) const {
        std::uint32_t low = 0, high = static_cast<std::uint32_t>(blocks_.size());
        while (low < high) {
            const std::uint32_t middle = (low + high) / 2;
            if (blocks_[order_[middle]].old_at <= old_at)
                low = middle + 1;
            else
                high = middle;
        }
        Near best{0xffffffff, 0};
        if (low != 0) {
            const MapBlock& before = blocks_[order_[low - 1]];
            const std::uint32_t into = old_at - before.old_at;
            best = {into < before.bytes ? 0 : into - before.bytes + 1, before.moved_by()};
        }
        if (low < blocks_.size()) {
            const MapBlock& after = blocks_[order_[low]];
            if (after.old_at - old_at < best.distance) best = {after.old_at - old_at, after.moved_by()};
        }
        return best;
    }

    /// Where the new image's byte comes from, by the last block that begins at or before it; 0 before the first one.
    [[nodiscard]] std::uint32_t source_of(std::uint32_t new_at) const {
        std::uint32_t low = 0, high = static_cast<std::uint32_t>(blocks_.size());
        while (low < high) {
            const std::uint32_t middle = (low + high) / 2;
            if (blocks_[middle].new_at <= new_at)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? 0 : new_at - blocks_[low - 1].moved_by();
    }

private:
    std::span<const MapBlock> blocks_;
    std::uint8_t* order_ = nullptr;
};

/// The numbers of a block map, as they are coded in a preamble.
struct MapModel {
    NumberModel gap, bytes, moved;
    Dither dither;

    /// Codes the block behind one that ends at `end` and was moved by `moved_by`.
    template <class Coder>
    MapBlock code(Coder& coder, const MapBlock& wanted, std::uint32_t end, std::uint32_t moved_by) {
        MapBlock block;
        block.new_at = end + gap.code(coder, dither, wanted.new_at - end);
        block.bytes = bytes.code(coder, dither, wanted.bytes);
        moved_by += static_cast<std::uint32_t>(
            moved.code_signed(coder, dither, static_cast<std::int32_t>(wanted.moved_by() - moved_by)));
        block.old_at = block.new_at - moved_by;
        return block;
    }
};

class AddressMap {
public:
    static constexpr std::uint32_t near_bytes = 4096;

    AddressMap() = default;
    AddressMap(LearnedKeys learned, BlockMap blocks) : learned_(learned), blocks_(blocks) {}

    [[nodiscard]] LearnedKeys& learned() { return learned_; }
    [[nodiscard]] const BlockMap& blocks() const { return blocks_; }

    /// The first that answers: the key itself; a block around it; the nearest key, within 4096 and nearer than any
    /// block; the nearest block; the nearest key.
    [[nodiscard]] Mapped map(std::uint32_t key) const {
        const std::uint32_t at = learned_.lower_bound(key);
        if (at < learned_.size() && learned_.key(at) == key) return {key + learned_.moved_by(at), Confidence::exact};
        std::uint32_t distance = 0xffffffff, moved_by = 0;
        if (at < learned_.size()) {
            distance = learned_.key(at) - key;
            moved_by = learned_.moved_by(at);
        }
        if (at != 0 && key - learned_.key(at - 1) < distance) {
            distance = key - learned_.key(at - 1);
            moved_by = learned_.moved_by(at - 1);
        }
        BlockMap::Near block{0xffffffff, 0};
        if ((key & outside_bit) == 0 && !blocks_.empty()) block = blocks_.nearest(key);
        if (block.distance == 0) return {key + block.moved_by, Confidence::in_block};
        if (distance < near_bytes && distance < block.distance) return {key + moved_by, Confidence::near};
        if (block.distance != 0xffffffff) return {key + block.moved_by, Confidence::far};
        if (distance != 0xffffffff) return {key + moved_by, Confidence::far};
        return {key, Confidence::unmapped};
    }

private:
    LearnedKeys learned_;
    BlockMap blocks_;
};

}  // namespace sb::sbd
