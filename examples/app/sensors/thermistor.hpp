// NTC thermistors in a divider with a pull-up, read by a 12-bit converter: counts to milli-degrees and back.
#pragma once

#include <cstdint>
#include <optional>

namespace app {

using Millidegrees = std::int32_t;

enum class Thermistor : std::uint8_t { ntc10k_b3435, ntc5k_b3977 };

/// Temperature of `counts` (0 … 4095). Nothing for a cable that is open or short.
[[nodiscard]] std::optional<Millidegrees> thermistor_temperature(Thermistor type, std::int32_t counts);

/// The counts that a sensor at `temperature` gives; clamped to the table, −40 … +85 °C.
[[nodiscard]] std::int32_t thermistor_counts(Thermistor type, Millidegrees temperature);

}  // namespace app
