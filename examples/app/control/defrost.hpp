// Defrosting of the evaporator as a state machine: cooling → heating → dripping → waiting for the fan → cooling.
// Started by compressor hours, by frost (a fin much colder than the air) or by hand.
#pragma once

#include <cstdint>
#include <string_view>

#include "sensors/thermistor.hpp"

namespace app {

struct DefrostSettings {
    std::uint32_t every_running_seconds = 6 * 3600;
    std::uint32_t longest_heating_seconds = 1500;
    std::uint32_t drip_seconds = 120;
    std::uint32_t fan_delay_seconds = 90;
    Millidegrees end_temperature = 8000;
    Millidegrees frost_difference = 16000;  ///< air minus fin that means frost
};

struct DefrostInputs {
    Millidegrees air = 0;
    Millidegrees evaporator = 0;
    bool sensors_valid = false;
    bool compressor = false;
    bool asked = false;
};

class Defrost {
public:
    enum class State : std::uint8_t { cooling, heating, dripping, fan_delay };
    enum class Reason : std::uint8_t { none, hours, frost, asked };

    /// Lets one second pass.
    void step(const DefrostInputs& in, const DefrostSettings& settings);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] Reason reason() const { return reason_; }
    [[nodiscard]] bool heater() const { return state_ == State::heating; }
    [[nodiscard]] bool compressor_blocked() const { return state_ == State::heating || state_ == State::dripping; }
    [[nodiscard]] bool fan_blocked() const { return state_ != State::cooling; }
    [[nodiscard]] std::uint32_t done() const { return done_; }
    /// Ended by the clock instead of by the temperature: a heater or a sensor that is broken.
    [[nodiscard]] std::uint32_t timed_out() const { return timed_out_; }

private:
    void enter(State s);
    [[nodiscard]] Reason due(const DefrostInputs& in, const DefrostSettings& settings) const;

    State state_ = State::cooling;
    Reason reason_ = Reason::none;
    std::uint32_t in_state_seconds_ = 0;
    std::uint32_t running_seconds_ = 0;
    std::uint32_t frosty_seconds_ = 0;
    std::uint32_t done_ = 0;
    std::uint32_t timed_out_ = 0;
};

[[nodiscard]] std::string_view name_of(Defrost::State s);
[[nodiscard]] std::string_view name_of(Defrost::Reason r);

}  // namespace app
