// The cold room of examples/app for boards that have not the memory for all of the monitor: its sensors, filters,
// control, alarms and statistics, without settings, log and bus. The line `room` says how the room is.
#include "alarm/alarms.hpp"
#include "control/defrost.hpp"
#include "control/fan.hpp"
#include "control/thermostat.hpp"
#include "examples/board_app/bounds.hpp"
#include "examples/board_app/temper.hpp"
#include "filter/goertzel.hpp"
#include "ports/port.hpp"
#include "sensors/plant.hpp"
#include "trend/trend.hpp"

namespace sb::board_app {

namespace {

using app::Channel;

class Console final : public app::Sink {
public:
    void put(char c) override {
        if (c == '\n') port::put_byte('\r');
        port::put_byte(static_cast<std::uint8_t>(c));
    }
};

class Room {
public:
    /// Ten times a second.
    void sample() {
        for (std::size_t i = 0; i < app::channel_count; ++i) {
            const auto channel = static_cast<Channel>(i);
            channels_.sample(channel, plant_.counts(channel), seconds_);
        }
        static_cast<void>(chatter_.step(channels_.reading(Channel::compressor).raw));
        if (++samples_ % 10 == 0) second();
    }

    void tell(app::Sink& out) const {
        app::print(out, "room {:.1} C, fins {:.1} C, dew point {:.1} C, {}, fan {} %, chatter {}\n", air().value,
                   channels_.reading(Channel::evaporator).value, channels_.dew_point_of_room(),
                   app::name_of(defrost_.state()), fan_.percent(), chatter_.amplitude());
        for (std::size_t i = 0; i < app::alarm_count; ++i) {
            if (alarms_.state(i) == app::AlarmState::quiet) continue;
            app::print(out, "  {}: {}\n", app::alarm_rule(i).text, app::name_of(alarms_.state(i)));
        }
        if constexpr (app::release::has_trend) {
            for (std::size_t i = 0; i < app::Trend::followed.size(); ++i) trend_.draw(out, i);
        }
    }

private:
    [[nodiscard]] const app::Reading& air() const { return channels_.reading(Channel::air); }

    void second() {
        ++seconds_;
        const app::Reading& fins = channels_.reading(Channel::evaporator);
        defrost_.step({.air = air().value,
                       .evaporator = fins.value,
                       .sensors_valid = air().valid && fins.valid,
                       .compressor = thermostat_.running()},
                      {});
        const app::ThermostatSettings wanted;
        power_.compressor = thermostat_.step(
            {.air = air().value, .air_valid = air().valid, .defrosting = defrost_.compressor_blocked()}, wanted);
        power_.fan_percent = fan_.step(air().value - wanted.set_point, power_.compressor, defrost_.fan_blocked(), {});
        power_.heater = defrost_.heater();
        for (std::size_t i = 0; i < app::alarm_count; ++i) {
            static_cast<void>(alarms_.step(i, {&channels_, &parameters_, 0}));
        }
        if constexpr (app::release::has_trend) trend_.step(channels_);
        plant_.step(power_);
    }

    app::Plant plant_{0x5eed};
    app::Channels channels_;
    app::Parameters parameters_;
    app::Defrost defrost_;
    app::Thermostat thermostat_;
    app::Fan fan_;
    app::Alarms alarms_;
    app::Trend trend_;
    app::Goertzel chatter_{26510, 50};  // 1 Hz of ten samples a second
    app::PlantInputs power_;
    std::uint32_t samples_ = 0, seconds_ = 0;
};

Room& room() {
    static Room here;
    return here;
}

}  // namespace

void work() {
    static std::uint32_t last = port::microseconds();
    constexpr std::uint32_t tenth = 100'000;
    if (port::microseconds() - last < tenth) return;
    last += tenth;
    room().sample();
}

bool obey_too(std::string_view line) {
    if (line != "room") return false;
    Console console;
    room().tell(console);
    return true;
}

}  // namespace sb::board_app
