#include "control/defrost.hpp"

namespace app {
namespace {

constexpr std::uint32_t frosty_patience_seconds = 600;

}  // namespace

void Defrost::enter(State s) {
    state_ = s;
    in_state_seconds_ = 0;
}

Defrost::Reason Defrost::due(const DefrostInputs& in, const DefrostSettings& settings) const {
    if (in.asked) return Reason::asked;
    if (running_seconds_ >= settings.every_running_seconds) return Reason::hours;
    if (frosty_seconds_ >= frosty_patience_seconds) return Reason::frost;
    return Reason::none;
}

void Defrost::step(const DefrostInputs& in, const DefrostSettings& settings) {
    ++in_state_seconds_;
    switch (state_) {
        case State::cooling: {
            if (in.compressor) ++running_seconds_;
            const bool frosty = in.compressor && in.sensors_valid && in.air - in.evaporator > settings.frost_difference;
            frosty_seconds_ = frosty ? frosty_seconds_ + 1 : 0;
            const Reason r = due(in, settings);
            if (r == Reason::none) return;
            reason_ = r;
            running_seconds_ = frosty_seconds_ = 0;
            enter(State::heating);
            return;
        }
        case State::heating: {
            const bool warm = in.sensors_valid && in.evaporator >= settings.end_temperature;
            const bool late = in_state_seconds_ >= settings.longest_heating_seconds;
            if (!warm && !late) return;
            if (!warm) ++timed_out_;
            enter(State::dripping);
            return;
        }
        case State::dripping:
            if (in_state_seconds_ >= settings.drip_seconds) enter(State::fan_delay);
            return;
        case State::fan_delay:
            // The fan stays off until the fin is cold again: it would blow the last drops onto the goods.
            if (in_state_seconds_ < settings.fan_delay_seconds && in.evaporator > -2000) return;
            ++done_;
            reason_ = Reason::none;
            enter(State::cooling);
            return;
    }
}

std::string_view name_of(Defrost::State s) {
    switch (s) {
        case Defrost::State::cooling:
            return "cooling";
        case Defrost::State::heating:
            return "defrost: heating";
        case Defrost::State::dripping:
            return "defrost: dripping";
        case Defrost::State::fan_delay:
            return "defrost: fan delay";
    }
    return "?";
}

std::string_view name_of(Defrost::Reason r) {
    switch (r) {
        case Defrost::Reason::none:
            return "none";
        case Defrost::Reason::hours:
            return "compressor hours";
        case Defrost::Reason::frost:
            return "frost on the fin";
        case Defrost::Reason::asked:
            return "asked for";
    }
    return "?";
}

}  // namespace app
