#include "alarm/alarms.hpp"

namespace app {
namespace {

constexpr std::array<AlarmRule, 12> rules{{
    {"air too warm", AlarmKind::above, Channel::air, Parameter::alarm_high, 1000, true, true},
    {"air too cold", AlarmKind::below, Channel::air, Parameter::alarm_low, 500, true, true},
    {"product too warm", AlarmKind::above, Channel::product, Parameter::alarm_product, 500, false, true},
    {"air too damp", AlarmKind::above, Channel::humidity, Parameter::alarm_humidity, 3000, true, false},
    {"door open too long", AlarmKind::door, Channel::air, Parameter::alarm_door, 0, false, false},
    {"supply low", AlarmKind::below, Channel::supply, Parameter::supply_low, 500, false, true},
    {"compressor current high", AlarmKind::above, Channel::compressor, Parameter::current_high, 1000, false, true},
    {"air sensor lost", AlarmKind::sensor_lost, Channel::air, Parameter::count, 0, false, true},
    {"fin sensor lost", AlarmKind::sensor_lost, Channel::evaporator, Parameter::count, 0, false, false},
    {"product sensor lost", AlarmKind::sensor_lost, Channel::product, Parameter::count, 0, false, true},
    {"humidity sensor lost", AlarmKind::sensor_lost, Channel::humidity, Parameter::count, 0, false, false},
    {"air warms too fast", AlarmKind::rising, Channel::air, Parameter::count, 0, false, false},
}};
static_assert(alarm_count <= rules.size());

constexpr std::uint32_t settle_seconds = 5;
constexpr std::int32_t fast_rise = 1500;  // a minute

bool holds(const AlarmRule& rule, const AlarmInputs& in, bool already) {
    const Reading& r = in.channels->reading(rule.channel);
    const std::int32_t back = already ? rule.release : 0;
    switch (rule.kind) {
        case AlarmKind::above:
            return r.valid && r.value > in.parameters->get(rule.threshold) - back;
        case AlarmKind::below:
            return r.valid && r.value < in.parameters->get(rule.threshold) + back;
        case AlarmKind::sensor_lost:
            return !r.valid;
        case AlarmKind::door:
            return in.door_open_seconds > static_cast<std::uint32_t>(in.parameters->get(rule.threshold));
        case AlarmKind::rising:
            return r.valid && r.slope > fast_rise;
    }
    return false;
}

}  // namespace

const AlarmRule& alarm_rule(std::size_t i) {
    return rules[i];
}

AlarmChange Alarms::step(std::size_t i, const AlarmInputs& in) {
    const AlarmRule& rule = rules[i];
    Entry& e = entries_[i];
    const bool already = e.state == AlarmState::active || e.state == AlarmState::acknowledged;
    const bool now = holds(rule, in, already);
    switch (e.state) {
        case AlarmState::quiet:
        case AlarmState::gone:
            if (!now) return AlarmChange::none;
            e.state = AlarmState::pending;
            e.pending_seconds = 0;
            return AlarmChange::none;
        case AlarmState::pending: {
            if (!now) {
                e.state = e.times > 0 ? AlarmState::gone : AlarmState::quiet;
                return AlarmChange::none;
            }
            const auto delay = static_cast<std::uint32_t>(in.parameters->get(Parameter::alarm_delay));
            if (++e.pending_seconds < (rule.delayed ? delay : settle_seconds)) return AlarmChange::none;
            e.state = AlarmState::active;
            ++e.times;
            return AlarmChange::raised;
        }
        case AlarmState::active:
        case AlarmState::acknowledged:
            if (now) return AlarmChange::none;
            if (e.state == AlarmState::acknowledged) {
                e.state = AlarmState::quiet;
                e.times = 0;
            } else {
                e.state = AlarmState::gone;
            }
            return AlarmChange::cleared;
    }
    return AlarmChange::none;
}

std::size_t Alarms::acknowledge() {
    std::size_t changed = 0;
    for (Entry& e : entries_) {
        if (e.state == AlarmState::active) {
            e.state = AlarmState::acknowledged;
            ++changed;
        } else if (e.state == AlarmState::gone) {
            e.state = AlarmState::quiet;
            e.times = 0;
            ++changed;
        }
    }
    return changed;
}

std::size_t Alarms::sounding() const {
    std::size_t n = 0;
    for (const Entry& e : entries_) n += e.state == AlarmState::active ? 1U : 0U;
    return n;
}

std::uint16_t Alarms::bits() const {
    std::uint16_t bits = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const AlarmState s = entries_[i].state;
        if (s == AlarmState::active || s == AlarmState::acknowledged)
            bits = static_cast<std::uint16_t>(bits | (1U << i));
    }
    return bits;
}

std::string_view name_of(AlarmState s) {
    constexpr std::array<std::string_view, 5> names{"quiet", "pending", "ACTIVE", "acknowledged", "gone"};
    return names[static_cast<std::size_t>(s) % names.size()];
}

}  // namespace app
