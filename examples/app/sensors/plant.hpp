// A small model of a cold room that stands in for the converter where no sensors are wired: heat leaks in, an
// open door lets warm air in, the compressor takes heat out through an evaporator that frosts. It answers with
// converter counts, noise and the odd spike, so that everything behind it works as on the real board.
#pragma once

#include <cstdint>

#include "sensors/channels.hpp"

namespace app {

struct PlantInputs {
    bool compressor = false;
    bool heater = false;
    bool door_open = false;
    std::int32_t fan_percent = 0;
};

class Plant {
public:
    explicit Plant(std::uint32_t seed) : noise_(seed | 1) {}

    /// Lets one second pass.
    void step(const PlantInputs& in);
    /// What the converter reads on a channel now.
    [[nodiscard]] std::int32_t counts(Channel c);

    [[nodiscard]] Millidegrees air() const { return air_; }
    [[nodiscard]] Millidegrees evaporator() const { return evaporator_; }
    [[nodiscard]] std::int32_t frost_grams() const { return frost_mg_ / 1000; }

private:
    /// Noise of about ± `amplitude`, with a spike once in 97 draws.
    std::int32_t noise(std::int32_t amplitude);

    Millidegrees air_ = 8000;
    Millidegrees evaporator_ = 6000;
    Millidegrees product_ = 7000;
    std::int32_t vapour_mg_ = 520000;
    std::int32_t frost_mg_ = 0;
    std::int32_t supply_mv_ = 24100;
    std::int32_t current_ma_ = 0;
    std::uint32_t noise_;
    std::uint32_t draws_ = 0;
};

}  // namespace app
