#include "control/thermostat.hpp"

#include "base/release.hpp"

namespace app {
namespace {

constexpr std::uint32_t emergency_on_seconds = 600;
constexpr std::uint32_t emergency_off_seconds = 900;
constexpr std::uint32_t door_patience_seconds = 30;

}  // namespace

bool Thermostat::wanted(const ThermostatInputs& in, const ThermostatSettings& settings) const {
    if (!in.air_valid) {
        return running_ ? in_state_seconds_ < emergency_on_seconds : in_state_seconds_ >= emergency_off_seconds;
    }
    const Millidegrees target = settings.set_point + (in.eco ? settings.set_back : 0);
    const Millidegrees half = settings.hysteresis / 2;
    return running_ ? in.air > target - half : in.air > target + half;
}

void Thermostat::turn(bool on) {
    running_ = on;
    in_state_seconds_ = 0;
    if (on) ++starts_;
}

bool Thermostat::step(const ThermostatInputs& in, const ThermostatSettings& settings) {
    if (in_state_seconds_ < 100000) ++in_state_seconds_;
    if (running_) ++seconds_running_;
    door_seconds_ = in.door_open ? door_seconds_ + 1 : 0;
    emergency_ = !in.air_valid;

    bool blocked = in.defrosting;
    if constexpr (release::door_stops_compressor) blocked = blocked || door_seconds_ > door_patience_seconds;
    if (blocked) {
        if (running_) turn(false);
        return false;
    }
    const bool want = wanted(in, settings);
    if (want == running_) return running_;
    const std::uint32_t least = running_ ? settings.least_on_seconds : settings.least_off_seconds;
    if (in_state_seconds_ >= least) turn(want);
    return running_;
}

}  // namespace app
