#include "sensors/humidity.hpp"

#include <array>

#include "base/math.hpp"

namespace app {
namespace {

constexpr std::int32_t zero_counts = 655;        // 0.16 × 4095
constexpr std::int32_t full_counts = 3260;       // 0.796 × 4095
constexpr std::int32_t drift_ppm_degree = 2160;  // the span shrinks by this much a degree above 25 °C

// scripts/tables.py magnus: pascal at −40, −36 … +60 °C.
constexpr std::array<std::int32_t, 26> saturation{
    19,   29,   42,   62,   89,   126,  177,  245,  336,  455,   611,   813,   1071,
    1400, 1814, 2333, 2977, 3771, 4745, 5931, 7367, 9096, 11166, 13630, 16550, 19993,
};

constexpr Millidegrees first_temperature = -40000;
constexpr Millidegrees step = 4000;
constexpr Millidegrees last_temperature = first_temperature + 25 * step;

/// Span of the converter's counts between 0 and 100 % at `temperature`.
std::int32_t span_at(Millidegrees temperature) {
    const std::int32_t span = full_counts - zero_counts;
    const std::int32_t shrink = multiply_divide(temperature - 25000, drift_ppm_degree, 1000);
    return span - multiply_divide(span, shrink, 1000000);
}

}  // namespace

Permille relative_humidity(std::int32_t counts, Millidegrees temperature) {
    return clamp<Permille>(multiply_divide(counts - zero_counts, 1000, span_at(temperature)), 0, 1000);
}

std::int32_t humidity_counts(Permille humidity, Millidegrees temperature) {
    return zero_counts + multiply_divide(humidity, span_at(temperature), 1000);
}

std::int32_t saturation_pressure(Millidegrees temperature) {
    const Millidegrees t = clamp(temperature, first_temperature, last_temperature - 1);
    const auto at = static_cast<std::size_t>((t - first_temperature) / step);
    const Millidegrees low = first_temperature + static_cast<std::int32_t>(at) * step;
    return interpolate(t, low, low + step, saturation[at], saturation[at + 1]);
}

Millidegrees dew_point(Millidegrees temperature, Permille humidity) {
    const std::int32_t pressure = multiply_divide(saturation_pressure(temperature), clamp(humidity, 1, 1000), 1000);
    // Magnus turned round: T = 243.12·g / (17.62 − g) with g = ln(p / 611.2 Pa); all in thousandths.
    const std::int32_t ratio = multiply_divide(pressure, 10000, 6112);
    const std::int32_t g = log_thousandths(static_cast<std::uint32_t>(ratio < 1 ? 1 : ratio));
    return multiply_divide(243120, g, 17620 - g);
}

}  // namespace app
