// core/delta/sbd: what an encoder wants of the decisions that it codes. Encoder and decoder run the same model; they
// differ in the coder. An encoder's coder is told each decision before it is asked for it. A decoder's forgets what it
// is told, and so the compiler leaves out all that only finds out what to tell.
#pragma once

#include <cstdint>

namespace sb::sbd {

/// A place that no byte has.
inline constexpr std::uint32_t nowhere = 0xffffffff;

/// What bits are spent on; for explanations of a patch.
enum class Spent : std::uint8_t { hits, jump_flags, jumps, alternatives, bytes, blocks };

/// Of the byte that is coded next.
struct Wanted {
    std::uint8_t byte = 0;
    std::uint32_t source = nowhere;  ///< where the pointer should be
    bool block = false;              ///< the whole block is as predicted, and the pointer stays
};

/// A coder has besides: bool bit(std::uint32_t probability), which answers the next decision.
struct WantsNothing {
    [[nodiscard]] static constexpr Wanted wanted() { return {}; }
    /// The next `count` decisions are the lowest bits of `bits`, the highest of them first.
    static constexpr void want(std::uint32_t /*bits*/, std::uint32_t /*count*/ = 1) {}
    static constexpr void spend(Spent) {}
};

}  // namespace sb::sbd
