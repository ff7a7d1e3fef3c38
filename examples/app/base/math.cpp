#include "base/math.hpp"

#include <array>

namespace app {
namespace {

// log2(1 + i/32) in units of 1/65536, i = 0 … 32; made by scripts/tables.py.
constexpr std::array<std::uint32_t, 33> log2_table{
    0,     2909,  5732,  8473,  11136, 13727, 16248, 18704, 21098, 23433, 25711,
    27936, 30109, 32234, 34312, 36346, 38336, 40286, 42196, 44068, 45904, 47705,
    49472, 51207, 52911, 54584, 56229, 57845, 59434, 60997, 62534, 64047, 65536,
};

constexpr std::int64_t ln2_q16 = 45426;  // ln 2 × 65536

}  // namespace

std::uint32_t square_root(std::uint32_t v) {
    std::uint32_t root = 0;
    std::uint32_t bit = 1U << 30;
    while (bit > v) bit >>= 2;
    while (bit != 0) {
        if (v >= root + bit) {
            v -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
        bit >>= 2;
    }
    return root;
}

std::int32_t log_thousandths(std::uint32_t v) {
    if (v == 0) v = 1;
    int exponent = 31;
    while ((v & 0x80000000U) == 0) {
        v <<= 1;
        --exponent;
    }
    // v is 1.31 fixed point in [1, 2): 5 bits choose the interval, 16 bits interpolate in it.
    const std::uint32_t index = (v >> 26) & 31;
    const std::uint32_t fraction = (v >> 10) & 0xffff;
    const std::uint32_t low = log2_table[index];
    const std::uint32_t log2_q16 = low + (((log2_table[index + 1] - low) * fraction) >> 16);
    const std::int64_t total_q16 = static_cast<std::int64_t>(exponent) * 65536 + static_cast<std::int64_t>(log2_q16);
    constexpr std::int64_t log2_of_1000_q16 = 653117;
    const std::int64_t product = (total_q16 - log2_of_1000_q16) * ln2_q16 * 1000;
    constexpr std::int64_t half = std::int64_t{1} << 31;
    return static_cast<std::int32_t>((product + half) >> 32);
}

std::int32_t interpolate(std::int32_t x, std::int32_t x0, std::int32_t x1, std::int32_t y0, std::int32_t y1) {
    return y0 + multiply_divide(y1 - y0, x - x0, x1 - x0);
}

std::int32_t multiply_divide(std::int32_t a, std::int32_t b, std::int32_t c) {
    const std::int64_t q = static_cast<std::int64_t>(a) * b / c;
    constexpr std::int64_t top = 0x7fffffff;
    return static_cast<std::int32_t>(q > top ? top : q < -top ? -top : q);
}

}  // namespace app
