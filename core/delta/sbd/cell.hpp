// core/delta/sbd: an adaptive probability in two bytes: 12 bits of probability, 4 bits that count how often it was
// used. It moves fast at first and slowly later. What rounding would lose is kept on average by dithering.
#pragma once

#include <array>
#include <cstdint>

#include "core/delta/sbd/logistic.hpp"

namespace sb::sbd {

/// std::min and std::clamp, by value: references keep numbers in memory.
[[nodiscard]] constexpr std::uint32_t least(std::uint32_t a, std::uint32_t b) {
    return a < b ? a : b;
}
[[nodiscard]] constexpr std::int32_t within(std::int32_t value, std::int32_t low, std::int32_t high) {
    return value < low ? low : value > high ? high : value;
}
/// Bits that a number takes. Parts without such an instruction have a long function for it.
[[nodiscard]] constexpr std::uint32_t bit_count(std::uint32_t value) {
    std::uint32_t bits = 0;
    for (; value != 0; value >>= 1) ++bits;
    return bits;
}

/// Noise for rounding; both sides start from the same seed. A linear congruential generator modulo 2^32 (multiplier
/// and increment as in Knuth, TAOCP 3.3.4 table 1).
class Dither {
public:
    /// The next value, 0 to 65535.
    [[nodiscard]] std::uint32_t next() {
        state_ = state_ * 1664525U + 1013904223U;
        return state_ >> 16;
    }

private:
    std::uint32_t state_;
};

class Cell {
public:
    /// Zero is fresh: even odds.
    Cell() = default;
    /// `lead`: how far the probability of a 1 is above one half, in 1/4096; `count`: how far from fresh (0 to 15).
    constexpr Cell(std::int32_t lead, std::int32_t count) : value_(static_cast<std::int16_t>(lead * 16 + count)) {}

    /// In 1/65536.
    [[nodiscard]] std::uint32_t probability() const { return static_cast<std::uint32_t>((value_ | 15) + 32768 - 7); }
    [[nodiscard]] std::int32_t logit() const { return stretch(lead()); }

    /// Moves towards `bit`; the count stops at `limit`. `noise`: of a Dither, one for each decision.
    void adapt(bool bit, std::int32_t limit, std::uint32_t noise) {
        const std::int32_t count = value_ & 15;
        const std::int32_t far = (bit ? 2047 : -2048) - lead();
        const std::int32_t moved = lead() + ((far * rate_of(count) + static_cast<std::int32_t>(noise)) >> 16);
        value_ = static_cast<std::int16_t>(moved * 16 + (count < limit ? count + 1 : count));
    }

private:
    [[nodiscard]] std::int32_t lead() const { return value_ >> 4; }
    /// In 1/65536: 1 / (count + 1.5), slower towards the end.
    [[nodiscard]] static std::int32_t rate_of(std::int32_t count) {
        constexpr static std::array<std::uint16_t, 16> rates{32768, 21845, 16384, 13107, 10922, 9362, 8192, 7281,
                                                             6554,  5461,  4681,  4096,  3449,  2979, 2521, 2048};
        return rates[static_cast<std::size_t>(count)];
    }

    std::int16_t value_;
};

}  // namespace sb::sbd
