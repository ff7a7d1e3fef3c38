// The monitor as a whole: what it owns, and what it needs of a board. No hardware is touched from here.
#pragma once

#include <cstdint>

#include "alarm/alarms.hpp"
#include "base/text.hpp"
#include "bus/modbus.hpp"
#include "bus/registers.hpp"
#include "config/store.hpp"
#include "console/line_editor.hpp"
#include "control/defrost.hpp"
#include "control/fan.hpp"
#include "control/thermostat.hpp"
#include "display/matrix.hpp"
#include "filter/goertzel.hpp"
#include "kernel/scheduler.hpp"
#include "log/event_log.hpp"
#include "selftest/selftest.hpp"
#include "sensors/channels.hpp"
#include "sensors/plant.hpp"
#include "trend/trend.hpp"

namespace app {

/// What a board gives the monitor.
struct Board {
    std::string_view name;
    Sink* console;
    ConfigPages* config_pages;
    TestBench* test_bench;
    MatrixPins* matrix;
};

class Application {
public:
    explicit Application(const Board& board);
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Banner, configuration, self-test, tasks. Regulates only if the self-test passes.
    void start(Milliseconds now);
    /// Runs one task that is due; false when there is none.
    bool run_one(Milliseconds now) { return scheduler_.run_one(now); }
    [[nodiscard]] Milliseconds until_next(Milliseconds now, Milliseconds limit) const {
        return scheduler_.until_next(now, limit);
    }
    /// Takes one character typed at the console.
    void typed(char c);

    // What the console and the bus see and do.
    [[nodiscard]] const Board& board() const { return board_; }
    [[nodiscard]] Sink& out() const { return *board_.console; }
    [[nodiscard]] Parameters& parameters() { return parameters_; }
    [[nodiscard]] const Parameters& parameters() const { return parameters_; }
    [[nodiscard]] ConfigStore& store() { return store_; }
    [[nodiscard]] Channels& channels() { return channels_; }
    [[nodiscard]] const Channels& channels() const { return channels_; }
    [[nodiscard]] Alarms& alarms() { return alarms_; }
    [[nodiscard]] const Alarms& alarms() const { return alarms_; }
    [[nodiscard]] EventLog& log() { return log_; }
    [[nodiscard]] Trend& trend() { return trend_; }
    [[nodiscard]] const Scheduler& scheduler() const { return scheduler_; }
    [[nodiscard]] const Thermostat& thermostat() const { return thermostat_; }
    [[nodiscard]] const Defrost& defrost() const { return defrost_; }
    [[nodiscard]] const Fan& fan() const { return fan_; }
    [[nodiscard]] const Plant& plant() const { return plant_; }
    [[nodiscard]] ModbusServer& bus() { return bus_; }
    [[nodiscard]] SelfTest& self_test() { return self_test_; }
    [[nodiscard]] std::uint32_t seconds() const { return seconds_; }
    [[nodiscard]] std::uint32_t chatter() const { return chatter_.amplitude(); }
    [[nodiscard]] bool door_open() const { return door_open_; }
    [[nodiscard]] bool eco() const { return eco_; }
    void set_door(bool open);
    void set_eco(bool on) { eco_ = on; }
    void ask_for_defrost() { defrost_asked_ = true; }
    void note(Event e, std::int32_t argument = 0) { log_.add(seconds_, e, argument); }
    /// Runs the self-test, logs its result; true when it passed.
    bool test_yourself();
    /// To be called after a parameter was changed: hands calibrations on.
    void parameters_changed();

private:
    void add_tasks(Milliseconds now);
    void sample();
    void each_second();
    void regulate();
    void watch_alarms();
    void compose_display();

    Board board_;
    Parameters parameters_;
    ConfigStore store_;
    Channels channels_;
    Plant plant_;
    Thermostat thermostat_;
    Defrost defrost_;
    Fan fan_;
    Alarms alarms_;
    EventLog log_;
    Trend trend_;
    Goertzel chatter_;
    Scheduler scheduler_;
    Matrix matrix_;
    MonitorRegisters registers_;
    ModbusServer bus_;
    SelfTest self_test_;
    LineEditor editor_;
    PlantInputs outputs_;
    std::uint32_t seconds_ = 0;
    std::uint32_t door_seconds_ = 0;
    std::uint8_t lost_ = 0;
    bool door_open_ = false;
    bool eco_ = false;
    bool defrost_asked_ = false;
};

}  // namespace app
