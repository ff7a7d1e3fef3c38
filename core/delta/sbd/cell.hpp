// core/delta/sbd: an adaptive probability in two bytes: 12 bits of probability, 4 bits that count how often it was
// used. It moves fast at first and slowly later. What rounding would lose is kept on average by dithering.
#pragma once

#include <array>
#include <cstdint>

#include "core/delta/sbd/logistic.hpp"

namespace sb::sbd {

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
    std::uint32_t state_ = 1;
};

class Cell {
public:
    static constexpr std::uint32_t one = 4096;

    constexpr Cell() = default;
    /// Probability of a 1 in 1/4096, and how far from fresh it is (0 to 15).
    constexpr Cell(std::uint32_t probability, std::uint32_t count)
        : value_(static_cast<std::uint16_t>(probability << 4 | count)) {}

    /// In 1/4096.
    [[nodiscard]] std::uint32_t probability() const { return value_ >> 4; }
    /// In 1/65536.
    [[nodiscard]] std::uint32_t wide_probability() const { return (value_ & 0xfff0U) | 8U; }
    [[nodiscard]] std::int32_t logit() const { return stretch(probability()); }

    /// Moves towards `bit`; the count stops at `limit`.
    void adapt(bool bit, std::uint32_t limit, Dither& dither) {
        const std::uint32_t count = value_ & 15U;
        const auto now = static_cast<std::int32_t>(probability());
        const std::int32_t far = (bit ? 4095 : 0) - now;
        const std::int32_t moved =
            now + ((far * static_cast<std::int32_t>(rate_of(count)) + static_cast<std::int32_t>(dither.next())) >> 16);
        value_ =
            static_cast<std::uint16_t>(static_cast<std::uint32_t>(moved) << 4 | (count < limit ? count + 1 : count));
    }

private:
    /// In 1/65536: 1 / (count + 1.5), slower towards the end.
    [[nodiscard]] static constexpr std::uint32_t rate_of(std::uint32_t count) {
        constexpr std::array<std::uint16_t, 16> rates{32768, 21845, 16384, 13107, 10922, 9362, 8192, 7281,
                                                      6554,  5461,  4681,  4096,  3449,  2979, 2521, 2048};
        return rates[count];
    }

    std::uint16_t value_ = 2048 << 4;
};

}  // namespace sb::sbd
