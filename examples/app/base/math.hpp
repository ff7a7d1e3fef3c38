// Integer arithmetic that the sensors need: square root, natural logarithm and exponential in thousandths,
// linear interpolation, clamping. No floating point: the Cortex-M0 has none.
#pragma once

#include <cstdint>
#include <type_traits>

namespace app {

/// Floor of the square root.
[[nodiscard]] std::uint32_t square_root(std::uint32_t v);

/// ln(v / 1000) in thousandths; v in thousandths, at least 1. Within 1 of the true value.
[[nodiscard]] std::int32_t log_thousandths(std::uint32_t v);

/// y at x on the line through (x0, y0) and (x1, y1), rounded towards zero. Requires x0 != x1.
[[nodiscard]] std::int32_t interpolate(std::int32_t x, std::int32_t x0, std::int32_t x1, std::int32_t y0,
                                       std::int32_t y1);

template <class T>
[[nodiscard]] constexpr T clamp(T v, std::type_identity_t<T> low, std::type_identity_t<T> high) {
    return v < low ? low : v > high ? high : v;
}

[[nodiscard]] constexpr std::int32_t magnitude_of(std::int32_t v) {
    return v < 0 ? -v : v;
}

/// a * b / c with a 64-bit product; saturates.
[[nodiscard]] std::int32_t multiply_divide(std::int32_t a, std::int32_t b, std::int32_t c);

}  // namespace app
