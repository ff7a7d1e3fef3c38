#include "log/event_log.hpp"

#include <array>

#include "alarm/alarms.hpp"
#include "config/parameters.hpp"
#include "control/defrost.hpp"
#include "sensors/channels.hpp"

namespace app {
namespace {

/// What the argument of an event means.
enum class Means : std::uint8_t { nothing, number, channel, alarm, parameter, defrost_reason };

struct EventInfo {
    Severity severity;
    Means means;
    std::string_view text;
};

constexpr std::array<EventInfo, static_cast<std::size_t>(Event::count)> infos{{
    {Severity::info, Means::nothing, "started"},
    {Severity::info, Means::number, "self-test passed, steps:"},
    {Severity::error, Means::number, "self-test FAILED, step:"},
    {Severity::info, Means::number, "configuration loaded, revision:"},
    {Severity::warning, Means::nothing, "no stored configuration, using defaults"},
    {Severity::info, Means::number, "configuration saved, revision:"},
    {Severity::error, Means::number, "configuration could not be saved, page:"},
    {Severity::info, Means::parameter, "parameter changed:"},
    {Severity::debug, Means::nothing, "compressor on"},
    {Severity::debug, Means::nothing, "compressor off"},
    {Severity::info, Means::defrost_reason, "defrost started:"},
    {Severity::info, Means::number, "defrost ended, number:"},
    {Severity::warning, Means::nothing, "defrost ended by time, check heater and fin sensor"},
    {Severity::info, Means::nothing, "door opened"},
    {Severity::info, Means::number, "door closed, seconds open:"},
    {Severity::error, Means::channel, "sensor lost:"},
    {Severity::info, Means::channel, "sensor back:"},
    {Severity::warning, Means::alarm, "ALARM:"},
    {Severity::info, Means::alarm, "alarm cleared:"},
    {Severity::info, Means::alarm, "alarm acknowledged:"},
    {Severity::info, Means::number, "register written over the bus:"},
    {Severity::warning, Means::number, "bus request refused, exception:"},
    {Severity::info, Means::nothing, "log cleared"},
    {Severity::info, Means::nothing, "trend cleared"},
}};

void print_argument(Sink& out, Means means, std::int32_t argument) {
    const auto index = static_cast<std::size_t>(argument);
    switch (means) {
        case Means::nothing:
            return;
        case Means::number:
            print(out, " {}", argument);
            return;
        case Means::channel:
            if (index < channel_count) print(out, " {}", channel_info(static_cast<Channel>(index)).name);
            return;
        case Means::alarm:
            if (index < alarm_count) print(out, " {}", alarm_rule(index).text);
            return;
        case Means::parameter:
            if (index < parameter_count) print(out, " {}", parameter_info(static_cast<Parameter>(index)).name);
            return;
        case Means::defrost_reason:
            print(out, " {}", name_of(static_cast<Defrost::Reason>(index)));
            return;
    }
}

// Only one of the two record layouts is in a release; the older one has no number.
[[maybe_unused]] void give_number(LogRecordTimeFirst& /*r*/, std::uint32_t /*number*/) {}
[[maybe_unused]] void give_number(LogRecordPacked& r, std::uint32_t number) {
    r.number = static_cast<std::uint16_t>(number);
}
[[maybe_unused]] void print_number(Sink& /*out*/, const LogRecordTimeFirst& /*r*/) {}
[[maybe_unused]] void print_number(Sink& out, const LogRecordPacked& r) {
    print(out, "#{:04} ", static_cast<unsigned>(r.number));
}

}  // namespace

void EventLog::add(std::uint32_t seconds, Event event, std::int32_t argument) {
    LogRecord r{};
    r.seconds = seconds;
    r.event = event;
    r.severity = infos[static_cast<std::size_t>(event)].severity;
    r.argument = argument;
    ++total_;
    give_number(r, total_);
    records_.push(r);
}

std::size_t EventLog::dump(Sink& out, Severity least) const {
    std::size_t lines = 0;
    for (std::size_t i = 0; i < records_.size(); ++i) {
        const LogRecord& r = records_[i];
        if (r.severity < least) continue;
        const EventInfo& info = infos[static_cast<std::size_t>(r.event)];
        print_number(out, r);
        print(out, "{:3}:{:02}:{:02} {:7} {}", r.seconds / 3600, r.seconds / 60 % 60, r.seconds % 60,
              name_of(r.severity), info.text);
        print_argument(out, info.means, r.argument);
        out.put('\r');
        out.put('\n');
        ++lines;
    }
    return lines;
}

std::string_view name_of(Severity s) {
    constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
    return names[static_cast<std::size_t>(s) % names.size()];
}

}  // namespace app
