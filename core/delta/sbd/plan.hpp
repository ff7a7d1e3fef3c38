// core/delta/sbd: what stands in front of a patch (its preamble, docs/sbd.md) and how it shares out the decoder's
// memory. Everything that must be known to start decoding at any segment is here.
#pragma once

#include "core/base/result.hpp"
#include "core/delta/sbd/model.hpp"

namespace sb::sbd {

inline constexpr std::array<std::uint8_t, 2> magic{0xd1, 0x73};
inline constexpr std::uint8_t version = 1;
/// Magic, version and budget, and a varint of up to two bytes: how many bytes of the preamble follow.
inline constexpr std::uint32_t fixed_bytes = 5;
/// Behind them, in front of the plan: the first bytes of the SHA-256 of both images. A device has better ones.
inline constexpr std::uint32_t digests_bytes = 8;
inline constexpr std::uint32_t max_preamble_bytes = 512;
inline constexpr std::uint32_t max_segments_a_side = 15;
/// What the bits of the map cost at most is bounded by the preamble's length.
inline constexpr std::uint32_t min_segment_bytes = 1024;

/// Memory of a decoder, all of it: 4K << budget.
enum class Budget : std::uint8_t { k4 = 0, k8 = 1, k16 = 2, k32 = 3 };
[[nodiscard]] constexpr std::uint32_t budget_bytes(Budget budget) {
    return 4096U << static_cast<std::uint8_t>(budget);
}
/// Of that, what the decoder itself takes on a 32-bit part (asserted there); the rest is shared out by the preamble.
inline constexpr std::uint32_t state_bytes = 1764;
[[nodiscard]] constexpr std::uint32_t arena_bytes(Budget budget) {
    return budget_bytes(budget) - state_bytes;
}
/// Keys that are learned unless a preamble says otherwise, and how many sixteenths of what is left the hit flags get.
struct Shares {
    std::uint8_t learned;
    std::uint8_t hit_sixteenths;
};
inline constexpr std::array<Shares, 4> all_shares{{{112, 9}, {192, 8}, {255, 7}, {255, 6}}};
[[nodiscard]] constexpr const Shares& shares_of(Budget budget) {
    return all_shares[static_cast<std::uint8_t>(budget)];
}

/// Besides the budget, in the byte behind the magic.
inline constexpr std::uint8_t has_segments = 0x08;  ///< of the new image

/// Where RAM is, and how much behind the image counts as loaded with it, unless a preamble says otherwise.
struct UsualSpaces {
    std::uint32_t ram_address;
    std::uint32_t ram_bytes;
    std::uint32_t behind_image;  ///< .bss
};
[[nodiscard]] UsualSpaces usual_spaces(Architecture architecture);

enum PreambleFlags : std::uint8_t {
    stored = 0x10,      ///< the new image as it is, no model
    in_place = 0x20,    ///< the new image overwrites the old one
    in_blocks = 0x40,   ///< long runs of hits are coded by blocks
    own_spaces = 0x80,  ///< RAM and load segments are told; else the images are loaded whole at one base
    architecture_mask = 0x0f
};

struct Plan {
    Budget budget = Budget::k4;
    std::uint8_t flags = 0;
    Ground ground{};
    Pace pace{};
    std::uint32_t segment_bytes = 0;           ///< of the new image; 0: one segment
    std::uint32_t shift_bytes = 0;             ///< in place: where the old image begins in the flash of the new one
    std::uint32_t erase_bytes = 0;             ///< in place: what is lost when a byte of it is written; a power of two
    std::array<std::uint8_t, 4> old_digest{};  ///< first bytes of SHA-256
    std::array<std::uint8_t, 4> new_digest{};

    [[nodiscard]] std::uint32_t end_of_segment(std::uint32_t from) const {
        const std::uint32_t left = ground.new_bytes() - from;
        return segment_bytes == 0 || left <= segment_bytes ? ground.new_bytes() : from + segment_bytes;
    }
    /// In place: the first byte of the old image that is still there until the segment that ends at `end` is recorded.
    [[nodiscard]] std::uint32_t old_from(std::uint32_t end) const {
        if ((flags & in_place) == 0) return 0;
        const std::uint32_t gone = (end + erase_bytes - 1) & ~(erase_bytes - 1);
        return gone > shift_bytes ? gone - shift_bytes : 0;
    }
};

/// Shares out memory from its start: what needs alignment comes first. All of it is zero.
class Arena {
public:
    explicit Arena(MutableBytes memory) : at_(memory.data()), end_(memory.data() + memory.size()) {
        std::memset(memory.data(), 0, memory.size());
    }

    /// Room for `count` objects, for which zero is a value; null when there is too little.
    template <class T>
    [[nodiscard]] T* take(std::uint32_t count) {
        return static_cast<T*>(static_cast<void*>(take_bytes(count * static_cast<std::uint32_t>(sizeof(T)))));
    }
    [[nodiscard]] std::uint32_t left() const { return static_cast<std::uint32_t>(end_ - at_); }

private:
    [[nodiscard]] std::uint8_t* take_bytes(std::uint32_t bytes);

    std::uint8_t* at_;
    std::uint8_t* end_;
};

/// How long the preamble at the front of `patch` is, these bytes included.
/// Errors: truncated (more bytes are needed, fixed_bytes are enough), malformed (another format), unsupported (another
/// version), too_large.
[[nodiscard]] Result<std::uint32_t> preamble_bytes(Bytes patch);

/// Of a preamble that preamble_bytes() measured. prepare() leaves them out.
void read_digests(Bytes preamble, Plan& plan);

/// What must be known before there is memory for the rest.
struct PatchSizes {
    Budget budget;
    std::uint32_t old_bytes;  ///< of the old image that may be read; 0 where the new one is stored
    std::uint32_t new_bytes;
};
/// Of a preamble that preamble_bytes() measured. Errors: malformed.
[[nodiscard]] Result<PatchSizes> read_sizes(Bytes preamble);

struct Prepared {
    Plan plan;
    Tables tables;
};

/// Reads a whole preamble, which is as long as preamble_bytes() says, and shares out `memory`, aligned to 4 bytes,
/// which the result then refers to. Errors: malformed, truncated, unsupported, too_large (memory).
[[nodiscard]] Error prepare(Bytes preamble, MutableBytes memory, Prepared& to);

/// Shares out what is left when load segments and `blocks` have their place. False when it is too little.
[[nodiscard]] bool share_out(Arena& arena, const Plan& plan, std::span<const MapBlock> blocks, Tables& to);

}  // namespace sb::sbd
