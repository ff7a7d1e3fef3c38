// core/delta/sbd: an adaptive probability in two bytes: 12 bits of probability, 4 bits that count how often it was
// used. It moves fast at first and slowly later.
#pragma once

#include <array>
#include <cstdint>

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

class Cell {
public:
    /// Zero is fresh: even odds.
    Cell() = default;

    /// Of a 1, in 1/65536; within [72, 65464].
    [[nodiscard]] std::uint32_t probability() const {
        return static_cast<std::uint32_t>(within(lead(), -2044, 2043) * 16 + 32768 + 8);
    }

    /// Moves towards `bit`.
    void adapt(bool bit) {
        const std::int32_t count = value_ & 15;
        const std::int32_t far = (bit ? 2047 : -2048) - lead();
        const std::int32_t moved = lead() + ((far * rate_of(count) + 32768) >> 16);
        value_ = static_cast<std::int16_t>(moved * 16 + (count < most_count ? count + 1 : count));
    }

private:
    static constexpr std::int32_t most_count = 14;

    [[nodiscard]] std::int32_t lead() const { return value_ >> 4; }
    /// In 1/65536: 1 / (count + 1.5), slower towards the end.
    [[nodiscard]] static std::int32_t rate_of(std::int32_t count) {
        constexpr static std::array<std::uint16_t, 15> rates{32768, 21845, 16384, 13107, 10922, 9362, 8192, 7281,
                                                             6554,  5461,  4681,  4096,  3449,  2979, 2521};
        return rates[static_cast<std::size_t>(count)];
    }

    std::int16_t value_;
};

}  // namespace sb::sbd
