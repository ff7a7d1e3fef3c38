// Alarms: a table of rules, and for each rule a small state machine with a delay, a hysteresis and an
// acknowledgement. An alarm that went away stays visible until somebody acknowledged it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/release.hpp"
#include "config/parameters.hpp"
#include "sensors/channels.hpp"

namespace app {

enum class AlarmKind : std::uint8_t { above, below, sensor_lost, door, rising };

struct AlarmRule {
    std::string_view text;
    AlarmKind kind;
    Channel channel;
    Parameter threshold;   ///< for `door`: seconds; unused for `sensor_lost`
    std::int32_t release;  ///< how far the value must come back before the alarm clears
    bool delayed;          ///< waits for the parameter alarm_delay
    bool critical;
};

inline constexpr std::size_t alarm_count = release::at_least(1, 1) ? 12 : 11;
/// Requires i < alarm_count.
[[nodiscard]] const AlarmRule& alarm_rule(std::size_t i);

enum class AlarmState : std::uint8_t { quiet, pending, active, acknowledged, gone };
[[nodiscard]] std::string_view name_of(AlarmState s);

enum class AlarmChange : std::uint8_t { none, raised, cleared };

struct AlarmInputs {
    const Channels* channels;
    const Parameters* parameters;
    std::uint32_t door_open_seconds;
};

class Alarms {
public:
    /// Lets one second pass for rule `i`; says what changed.
    AlarmChange step(std::size_t i, const AlarmInputs& in);
    /// Acknowledges all; gives the number of alarms that this changed.
    std::size_t acknowledge();

    [[nodiscard]] AlarmState state(std::size_t i) const { return entries_[i].state; }
    [[nodiscard]] std::size_t sounding() const;
    /// One bit a rule, for the bus.
    [[nodiscard]] std::uint16_t bits() const;

private:
    struct Entry {
        AlarmState state = AlarmState::quiet;
        std::uint32_t pending_seconds = 0;
        std::uint16_t times = 0;
    };
    std::array<Entry, alarm_count> entries_{};
};

}  // namespace app
