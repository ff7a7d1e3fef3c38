// Cooling by a compressor that must not start often: hysteresis around the set point, least times on and off,
// a night set-back, and a say for the door.
#pragma once

#include <cstdint>

#include "sensors/thermistor.hpp"

namespace app {

struct ThermostatSettings {
    Millidegrees set_point = 4000;
    Millidegrees hysteresis = 1000;
    Millidegrees set_back = 0;  ///< added to the set point while `eco` is on
    std::uint32_t least_on_seconds = 60;
    std::uint32_t least_off_seconds = 120;
};

struct ThermostatInputs {
    Millidegrees air = 0;
    bool air_valid = false;
    bool door_open = false;
    bool defrosting = false;
    bool eco = false;
};

class Thermostat {
public:
    /// Lets one second pass and says whether the compressor is to run.
    bool step(const ThermostatInputs& in, const ThermostatSettings& settings);

    [[nodiscard]] bool running() const { return running_; }
    [[nodiscard]] std::uint32_t starts() const { return starts_; }
    [[nodiscard]] std::uint32_t seconds_running() const { return seconds_running_; }
    /// Without a valid air sensor the room is kept cold by a fixed rhythm.
    [[nodiscard]] bool emergency() const { return emergency_; }

private:
    [[nodiscard]] bool wanted(const ThermostatInputs& in, const ThermostatSettings& settings) const;
    void turn(bool on);

    bool running_ = false;
    bool emergency_ = false;
    std::uint32_t in_state_seconds_ = 100000;  // long enough: the first start need not wait
    std::uint32_t door_seconds_ = 0;
    std::uint32_t starts_ = 0;
    std::uint32_t seconds_running_ = 0;
};

}  // namespace app
