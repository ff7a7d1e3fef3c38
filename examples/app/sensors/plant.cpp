#include "sensors/plant.hpp"

#include "base/math.hpp"
#include "sensors/humidity.hpp"

namespace app {
namespace {

constexpr Millidegrees outside = 22000;
constexpr std::int32_t room_litres = 90000;

/// Milligrams of water that the air of the room can hold at `t`: about 7.4 × Pa at these temperatures.
std::int32_t capacity_mg(Millidegrees t) {
    return multiply_divide(saturation_pressure(t), room_litres, 126);
}

/// `from` moves towards `to` by 1/`seconds` of the distance a second.
Millidegrees towards(Millidegrees from, Millidegrees to, std::int32_t seconds) {
    const Millidegrees move = (to - from) / seconds;
    return from + (move != 0 ? move : to > from ? 1 : to < from ? -1 : 0);
}

}  // namespace

void Plant::step(const PlantInputs& in) {
    // Frost insulates: at 600 g the evaporator takes only half the heat.
    const std::int32_t exchange = 1000 - clamp(frost_mg_ / 1200, 0, 700);
    const Millidegrees boiling = -26000;
    if (in.compressor) {
        evaporator_ = towards(evaporator_, boiling, 30);
        current_ma_ += (7400 + frost_mg_ / 800 - current_ma_) / 2;
    } else {
        current_ma_ = 0;
    }
    if (in.heater) evaporator_ = towards(evaporator_, 30000, 240);
    const std::int32_t stirred = 20 + in.fan_percent;
    const std::int32_t pull = multiply_divide(exchange, stirred, 120);
    const Millidegrees exchanged = multiply_divide(air_ - evaporator_, pull, 260000);
    air_ -= exchanged;
    evaporator_ += exchanged * 10;
    air_ = towards(air_, outside, in.door_open ? 400 : 1500);
    product_ = towards(product_, air_, 3600);

    // Water: the door lets it in, the cold fin takes it out as frost, the heater sends it down the drain.
    vapour_mg_ += in.door_open ? 900 : 30;
    const std::int32_t at_fin = capacity_mg(evaporator_);
    if (vapour_mg_ > at_fin && evaporator_ < 0) {
        const std::int32_t settled = (vapour_mg_ - at_fin) / 6000;
        vapour_mg_ -= settled;
        frost_mg_ += settled;
    }
    if (evaporator_ > 2000) frost_mg_ -= clamp(evaporator_ / 8, 0, frost_mg_);
    vapour_mg_ = clamp(vapour_mg_, 1000, capacity_mg(air_));
    supply_mv_ = 24100 - current_ma_ / 20 - (in.heater ? 350 : 0);
}

std::int32_t Plant::noise(std::int32_t amplitude) {
    noise_ ^= noise_ << 13;  // xorshift32
    noise_ ^= noise_ >> 17;
    noise_ ^= noise_ << 5;
    const auto width = static_cast<std::uint32_t>(2 * amplitude + 1);
    const std::int32_t value = static_cast<std::int32_t>(noise_ % width) - amplitude;
    return ++draws_ % 97 == 0 ? value * 30 : value;
}

std::int32_t Plant::counts(Channel c) {
    std::int32_t counts = 0;
    switch (c) {
        case Channel::air:
            counts = thermistor_counts(Thermistor::ntc10k_b3435, air_) + noise(2);
            break;
        case Channel::evaporator:
            counts = thermistor_counts(Thermistor::ntc10k_b3435, evaporator_) + noise(3);
            break;
        case Channel::product:
            counts = thermistor_counts(Thermistor::ntc5k_b3977, product_) + noise(1);
            break;
        case Channel::humidity:
            counts =
                humidity_counts(clamp(multiply_divide(vapour_mg_, 1000, capacity_mg(air_)), 0, 1000), air_) + noise(6);
            break;
        case Channel::supply:
            counts = multiply_divide(supply_mv_, 4095, 36300) + noise(2);
            break;
        case Channel::compressor:
            counts = 372 + current_ma_ / 7 + noise(8);
            break;
        case Channel::count:
            break;
    }
    return clamp(counts, 0, 4095);
}

}  // namespace app
