#include "sensors/channels.hpp"

#include <optional>
#include <utility>

#include "base/math.hpp"
#include "base/release.hpp"
#include "sensors/humidity.hpp"

namespace app {
namespace {

// 1.1: the current channel was too slow to show a locked rotor within the two seconds that the relay bears.
constexpr LowPass current_low_pass = release::at_least(1, 1) ? LowPass::f5th : LowPass::f20th;
constexpr std::int32_t current_k_tenths = release::at_least(1, 1) ? 60 : 35;

constexpr std::array<ChannelInfo, channel_count> infos{{
    {"air",
     "C",
     "air in the room, 2 m above the floor",
     Quantity::ntc10k,
     1,
     -40000,
     60000,
     {{35, 400, 5}, 3, 4, LowPass::f20th}},
    {"evaporator",
     "C",
     "fin of the evaporator, third row",
     Quantity::ntc10k,
     1,
     -40000,
     60000,
     {{35, 600, 4}, 3, 2, LowPass::f10th}},
    {"product",
     "C",
     "dummy product in a glycol bottle",
     Quantity::ntc5k,
     1,
     -40000,
     60000,
     {{30, 200, 6}, 5, 8, LowPass::f50th}},
    {"humidity",
     "%",
     "relative humidity of the room",
     Quantity::humidity,
     1,
     0,
     100000,
     {{40, 2500, 5}, 3, 4, LowPass::f20th}},
    {"supply",
     "V",
     "24 V supply behind the fuse",
     Quantity::voltage,
     2,
     0,
     36000,
     {{50, 800, 3}, 3, 1, LowPass::f10th}},
    {"compressor",
     "A",
     "current of the compressor",
     Quantity::current,
     2,
     -2000,
     25000,
     {{current_k_tenths, 1500, 3}, 3, 1, current_low_pass}},
}};

constexpr std::int32_t supply_full_scale = 36300;  // mV at 4095 counts: 100 k over 10 k, 3.3 V reference
constexpr std::int32_t current_zero = 372;         // counts at 0 A: the transducer has an offset of 0.3 V
constexpr std::int32_t current_per_count = 7;      // mA

std::optional<std::int32_t> convert(Quantity quantity, std::int32_t counts, const Reading& air) {
    switch (quantity) {
        case Quantity::ntc10k:
            return thermistor_temperature(Thermistor::ntc10k_b3435, counts);
        case Quantity::ntc5k:
            return thermistor_temperature(Thermistor::ntc5k_b3977, counts);
        case Quantity::humidity:
            return relative_humidity(counts, air.valid ? air.value : 5000) * 100;
        case Quantity::voltage:
            return multiply_divide(counts, supply_full_scale, 4095);
        case Quantity::current:
            return (counts - current_zero) * current_per_count;
    }
    return std::nullopt;
}

template <std::size_t... I>
std::array<FilterChain, channel_count> make_filters(std::index_sequence<I...>) {
    return {FilterChain(infos[I].filter)...};
}

}  // namespace

const ChannelInfo& channel_info(Channel c) {
    return infos[static_cast<std::size_t>(c)];
}

Channels::Channels() : filters_(make_filters(std::make_index_sequence<channel_count>{})) {}

void Channels::sample(Channel c, std::int32_t counts, std::uint32_t seconds) {
    const ChannelInfo& info = infos[index(c)];
    Reading& r = readings_[index(c)];
    r.raw = counts;
    const auto converted = convert(info.quantity, counts, reading(Channel::air));
    if (!converted || *converted < info.low || *converted > info.high) {
        r.valid = false;
        return;
    }
    const Calibration& cal = calibration_[index(c)];
    const std::int32_t corrected = multiply_divide(*converted, cal.gain_permille, 1000) + cal.offset;
    r.value = filters_[index(c)].step(corrected);
    r.valid = true;
    ++r.samples;
    follow_slope(c, seconds);
}

void Channels::follow_slope(Channel c, std::uint32_t seconds) {
    const std::size_t i = index(c);
    if (readings_[i].samples == 1) {
        minute_value_[i] = readings_[i].value;
        minute_at_[i] = seconds;
        return;
    }
    const std::uint32_t span = seconds - minute_at_[i];
    if (span < 60) return;
    readings_[i].slope = multiply_divide(readings_[i].value - minute_value_[i], 60, static_cast<std::int32_t>(span));
    minute_value_[i] = readings_[i].value;
    minute_at_[i] = seconds;
}

Millidegrees Channels::dew_point_of_room() const {
    const Reading& air = reading(Channel::air);
    const Reading& humidity = reading(Channel::humidity);
    if (!air.valid || !humidity.valid) return 0;
    return dew_point(air.value, humidity.value / 100);
}

}  // namespace app
