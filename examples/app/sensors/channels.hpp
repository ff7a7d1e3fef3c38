// The channels of the monitor: what is measured, in which unit, with which filter; and their latest values.
// Units are thousandths of °C, V, A and %, whole counts elsewhere.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "filter/chain.hpp"
#include "sensors/thermistor.hpp"

namespace app {

enum class Channel : std::uint8_t { air, evaporator, product, humidity, supply, compressor, count };
inline constexpr std::size_t channel_count = static_cast<std::size_t>(Channel::count);

enum class Quantity : std::uint8_t { ntc10k, ntc5k, humidity, voltage, current };

struct ChannelInfo {
    std::string_view name;
    std::string_view unit;
    std::string_view what;
    Quantity quantity;
    std::uint8_t decimals;
    std::int32_t low, high;  ///< what a healthy sensor can read at all
    FilterRecipe filter;
};

[[nodiscard]] const ChannelInfo& channel_info(Channel c);

struct Reading {
    std::int32_t raw = 0;       ///< converter counts
    std::int32_t value = 0;     ///< filtered, in the channel's unit
    std::int32_t slope = 0;     ///< change a minute
    bool valid = false;         ///< false: open, short or out of range
    std::uint32_t samples = 0;  ///< since the start
};

/// Offset and gain of one channel, as a technician calibrates it.
struct Calibration {
    std::int32_t offset = 0;  ///< added after the gain
    std::int32_t gain_permille = 1000;
};

class Channels {
public:
    Channels();

    /// Takes one converter result of `c`; `seconds` is the time since the start, for slopes.
    void sample(Channel c, std::int32_t counts, std::uint32_t seconds);

    void calibrate(Channel c, const Calibration& calibration) { calibration_[index(c)] = calibration; }
    [[nodiscard]] const Reading& reading(Channel c) const { return readings_[index(c)]; }
    [[nodiscard]] std::uint32_t rejected(Channel c) const { return filters_[index(c)].rejected(); }
    /// Dew point of the room, from air and humidity; valid only when both are.
    [[nodiscard]] Millidegrees dew_point_of_room() const;

private:
    static constexpr std::size_t index(Channel c) { return static_cast<std::size_t>(c); }
    void follow_slope(Channel c, std::uint32_t seconds);

    std::array<FilterChain, channel_count> filters_;
    std::array<Reading, channel_count> readings_{};
    std::array<Calibration, channel_count> calibration_{};
    std::array<std::int32_t, channel_count> minute_value_{};
    std::array<std::uint32_t, channel_count> minute_at_{};
};

}  // namespace app
