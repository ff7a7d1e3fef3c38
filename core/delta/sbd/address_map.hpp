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

/// What is known near a key, and how far away.
struct Near {
    std::uint32_t distance = 0xffffffff;  ///< 0: the key itself; this: nothing is known
    std::uint32_t moved_by = 0;

    void consider(std::uint32_t at_distance, std::uint32_t there_moved_by) {
        if (at_distance < distance) *this = {at_distance, there_moved_by};
    }
};

/// Keys that were met, with what each was moved by. When it is full the oldest goes. All are looked at each time:
/// there are few, and fewer still where there is little to learn.
class LearnedKeys {
public:
    static constexpr std::uint32_t entry_bytes = 8;
    static constexpr std::uint32_t max_entries = 255;

    LearnedKeys() = default;
    LearnedKeys(std::uint32_t* keys, std::uint32_t* moved_by, std::uint32_t capacity)
        : keys_(keys), moved_by_(moved_by), capacity_(capacity) {}

    void clear() { count_ = oldest_ = 0; }
    [[nodiscard]] std::uint32_t size() const { return count_; }

    [[nodiscard]] Near nearest(std::uint32_t key) const {
        std::uint32_t distance = Near{}.distance, at = 0;
        for (std::uint32_t i = count_; distance != 0 && i-- != 0;) {
            std::uint32_t apart = keys_[i] - key;
            if (apart >> 31 != 0) apart = 0U - apart;
            if (apart >= distance) continue;
            distance = apart;
            at = i;
        }
        return count_ == 0 ? Near{} : Near{distance, moved_by_[at]};
    }

    void learn(std::uint32_t key, std::uint32_t moved_by) {
        std::uint32_t at = 0;
        while (at != count_ && keys_[at] != key) ++at;
        if (at == capacity_) {
            if (capacity_ == 0) return;
            at = oldest_;
            if (++oldest_ == capacity_) oldest_ = 0;
        } else if (at == count_) {
            ++count_;
        }
        keys_[at] = key;
        moved_by_[at] = moved_by;
    }

private:
    std::uint32_t* keys_ = nullptr;
    std::uint32_t* moved_by_ = nullptr;
    std::uint32_t capacity_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t oldest_ = 0;
};

/// Blocks in the order of the new image, which do not overlap there.
class BlockMap {
public:
    static constexpr std::uint32_t entry_bytes = sizeof(MapBlock);
    static constexpr std::uint32_t max_blocks = 255;

    BlockMap() = default;
    explicit BlockMap(std::span<const MapBlock> blocks) : blocks_(blocks) {}

    [[nodiscard]] bool empty() const { return blocks_.empty(); }
    [[nodiscard]] std::span<const MapBlock> all() const { return blocks_; }

    /// The block nearest to an offset of the old image; at distance 0: around it.
    [[nodiscard]] Near nearest(std::uint32_t old_at) const {
        Near best;
        for (const MapBlock& block : blocks_) {
            const std::uint32_t into = old_at - block.old_at, before = block.old_at - old_at;
            const bool is_before = old_at < block.old_at;
            best.consider(is_before ? before : into < block.bytes ? 0 : into - block.bytes + 1, block.moved_by());
        }
        return best;
    }

    /// Where the new image's byte comes from, by the last block that begins at or before it; 0 before the first one.
    [[nodiscard]] std::uint32_t source_of(std::uint32_t new_at) const {
        std::uint32_t source = 0;
        for (const MapBlock& block : blocks_)
            if (block.new_at <= new_at) source = new_at - block.moved_by();
        return source;
    }

private:
    std::span<const MapBlock> blocks_;
};

/// The numbers of a block map, as they are coded in a preamble.
struct MapModel {
    NumberModel gap, bytes, moved;

    /// Codes the block behind one that ends at `end` and was moved by `moved_by`.
    template <class Coder>
    MapBlock code(Coder& coder, const MapBlock& wanted, std::uint32_t end, std::uint32_t moved_by) {
        MapBlock block;
        block.new_at = end + gap.code(coder, wanted.new_at - end);
        block.bytes = bytes.code(coder, wanted.bytes);
        moved_by += static_cast<std::uint32_t>(
            moved.code_signed(coder, static_cast<std::int32_t>(wanted.moved_by() - moved_by)));
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
        const Near learned = learned_.nearest(key);
        if (learned.distance == 0) return {key + learned.moved_by, Confidence::exact};
        Near block;
        if ((key & outside_bit) == 0) block = blocks_.nearest(key);
        if (block.distance == 0) return {key + block.moved_by, Confidence::in_block};
        if (learned.distance < near_bytes && learned.distance < block.distance)
            return {key + learned.moved_by, Confidence::near};
        if (block.distance != Near{}.distance) return {key + block.moved_by, Confidence::far};
        return {key + learned.moved_by, learned.distance != Near{}.distance ? Confidence::far : Confidence::unmapped};
    }

private:
    LearnedKeys learned_;
    BlockMap blocks_;
};

}  // namespace sb::sbd
