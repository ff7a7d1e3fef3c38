// Relative humidity of a ratiometric sensor, corrected for temperature, and the dew point that follows: it says
// when the evaporator will frost and when goods will sweat.
#pragma once

#include "sensors/thermistor.hpp"

namespace app {

using Permille = std::int32_t;

/// Relative humidity of `counts` (12 bits, 0.16 … 0.796 of the supply is 0 … 100 %) at `temperature`; 0 … 1000.
[[nodiscard]] Permille relative_humidity(std::int32_t counts, Millidegrees temperature);

/// The counts of that humidity at that temperature.
[[nodiscard]] std::int32_t humidity_counts(Permille humidity, Millidegrees temperature);

/// Saturation pressure of water vapour in pascal, −40 … +60 °C (Magnus).
[[nodiscard]] std::int32_t saturation_pressure(Millidegrees temperature);

/// Temperature to which air must cool before it gives off water. Requires humidity > 0.
[[nodiscard]] Millidegrees dew_point(Millidegrees temperature, Permille humidity);

}  // namespace app
