// What happened, kept in RAM: the last 48 events with their time, one argument each, and the words for them.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/release.hpp"
#include "base/ring.hpp"
#include "base/text.hpp"

namespace app {

enum class Event : std::uint8_t {
    started,
    selftest_passed,
    selftest_failed,
    config_loaded,
    config_defaults,
    config_saved,
    config_save_failed,
    parameter_changed,
    compressor_on,
    compressor_off,
    defrost_started,
    defrost_ended,
    defrost_timed_out,
    door_opened,
    door_closed,
    sensor_lost,
    sensor_back,
    alarm_raised,
    alarm_cleared,
    alarm_acknowledged,
    bus_write,
    bus_error,
    log_cleared,
    trend_cleared,
    count
};

enum class Severity : std::uint8_t { debug, info, warning, error };

/// As release 1.0 has it: 12 bytes, of which two are a hole.
struct LogRecordTimeFirst {
    std::uint32_t seconds;
    Event event;
    Severity severity;
    std::int32_t argument;
};

/// As release 1.1 has it: with a running number where the hole was.
struct LogRecordPacked {
    Event event;
    Severity severity;
    std::uint16_t number;
    std::int32_t argument;
    std::uint32_t seconds;
};

using LogRecord = std::conditional_t<release::packed_log_record, LogRecordPacked, LogRecordTimeFirst>;

class EventLog {
public:
    void add(std::uint32_t seconds, Event event, std::int32_t argument = 0);
    void clear() { records_.clear(); }

    /// Prints what is at least as severe as `least`, oldest first; gives the number of lines.
    std::size_t dump(Sink& out, Severity least) const;

    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] std::uint32_t total() const { return total_; }
    [[nodiscard]] const LogRecord& operator[](std::size_t i) const { return records_[i]; }

private:
    Ring<LogRecord, 48> records_;
    std::uint32_t total_ = 0;
};

[[nodiscard]] std::string_view name_of(Severity s);

}  // namespace app
