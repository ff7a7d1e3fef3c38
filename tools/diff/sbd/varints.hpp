// tools/diff/sbd: the numbers of sbd patches as encoders write them: base 128, the highest digits first, bit 7 set
// where there is more.
#pragma once

#include <cstdint>
#include <vector>

namespace sb::diff {

inline void append_varint(std::vector<std::uint8_t>& to, std::uint32_t value) {
    std::uint32_t digits = 1;
    while (digits < 5 && value >> 7 * digits != 0) ++digits;
    while (--digits != 0) to.push_back(static_cast<std::uint8_t>(value >> 7 * digits | 0x80U));
    to.push_back(static_cast<std::uint8_t>(value & 0x7fU));
}

/// 0, -1, 1, -2 … as 0, 1, 2, 3 …; modulo 2^32.
[[nodiscard]] constexpr std::uint32_t folded(std::uint32_t difference) {
    return difference << 1 ^ (0U - (difference >> 31));
}
[[nodiscard]] constexpr std::uint32_t unfolded(std::uint32_t value) {
    return value >> 1 ^ (0U - (value & 1U));
}

/// Reads a varint of at most 32 bits; `next` gives the bytes. False when it is longer.
template <class Next>
[[nodiscard]] bool read_varint(Next next, std::uint32_t& value) {
    value = 0;
    for (int digits = 0; digits < 5; ++digits) {
        const std::uint8_t byte = next();
        value = value << 7 | (byte & 0x7fU);
        if (byte < 0x80) return true;
    }
    return false;
}

}  // namespace sb::diff
