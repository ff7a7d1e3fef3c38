#include "application.hpp"

#include <array>

#include "base/release.hpp"
#include "console/commands.hpp"

namespace app {
namespace {

constexpr Milliseconds sample_period = 100;
constexpr Milliseconds scan_period = 4;
constexpr std::uint16_t chatter_block = 50;
// A contactor that chatters shows as a 1 Hz ripple of the current: 2·cos(2π·1/10) in Q14.
constexpr std::int32_t chatter_two_cosine = 26510;

template <void (Application::*Method)()>
void call(void* context, Milliseconds /*now*/) {
    (static_cast<Application*>(context)->*Method)();
}

}  // namespace

Application::Application(const Board& board)
    : board_(board),
      store_(*board.config_pages),
      plant_(0x5eed),
      chatter_(chatter_two_cosine, chatter_block),
      matrix_(*board.matrix),
      registers_(*this),
      bus_(registers_) {}

void Application::start(Milliseconds now) {
    print(out(), "\n{} {}.{}.{} on {}\n", release::product, release::major, release::minor, release::patch,
          board_.name);
    note(Event::started);
    if (store_.load(parameters_)) {
        note(Event::config_loaded, static_cast<std::int32_t>(store_.revision()));
    } else {
        note(Event::config_defaults);
    }
    parameters_changed();
    const bool good = test_yourself();
    self_test_.report(out());
    if (!good) print(out(), "not regulating: the self-test must pass first\n");
    add_tasks(now);
    print(out(), "type 'help'\n> ");
}

void Application::add_tasks(Milliseconds now) {
    if (self_test_.passed()) {
        scheduler_.every("sample", sample_period, now, call<&Application::sample>, this);
        scheduler_.every("second", 1000, now, call<&Application::each_second>, this);
    }
    scheduler_.every(
        "scan", scan_period, now, [](void* a, Milliseconds) { static_cast<Application*>(a)->matrix_.scan(); }, this);
    scheduler_.every(
        "running text", static_cast<Milliseconds>(parameters_.get(Parameter::display_speed)), now,
        [](void* a, Milliseconds) { static_cast<Application*>(a)->matrix_.advance(); }, this);
    scheduler_.every("display", 2000, now, call<&Application::compose_display>, this);
}

bool Application::test_yourself() {
    const bool good = self_test_.run(*board_.test_bench);
    note(good ? Event::selftest_passed : Event::selftest_failed, static_cast<std::int32_t>(self_test_.first_failed()));
    return good;
}

void Application::parameters_changed() {
    channels_.calibrate(Channel::air, {parameters_.get(Parameter::air_offset), 1000});
    channels_.calibrate(Channel::evaporator, {parameters_.get(Parameter::evaporator_offset), 1000});
    channels_.calibrate(Channel::product, {parameters_.get(Parameter::product_offset), 1000});
}

void Application::typed(char c) {
    if (!editor_.feed(c, out())) return;
    run_command(*this, editor_.line());
    print(out(), "> ");
}

void Application::set_door(bool open) {
    if (open == door_open_) return;
    door_open_ = open;
    note(open ? Event::door_opened : Event::door_closed, static_cast<std::int32_t>(door_seconds_));
    door_seconds_ = 0;
}

void Application::sample() {
    for (std::size_t i = 0; i < channel_count; ++i) {
        const auto c = static_cast<Channel>(i);
        channels_.sample(c, plant_.counts(c), seconds_);
        const auto bit = static_cast<std::uint8_t>(1U << i);
        const bool lost = !channels_.reading(c).valid;
        if (lost == ((lost_ & bit) != 0)) continue;
        lost_ = static_cast<std::uint8_t>(lost_ ^ bit);
        note(lost ? Event::sensor_lost : Event::sensor_back, static_cast<std::int32_t>(i));
    }
    (void)chatter_.step(channels_.reading(Channel::compressor).raw);
}

void Application::each_second() {
    ++seconds_;
    if (door_open_) ++door_seconds_;
    regulate();
    watch_alarms();
    if constexpr (release::has_trend) trend_.step(channels_);
    plant_.step(outputs_);
}

void Application::regulate() {
    const Reading& air = channels_.reading(Channel::air);
    const Reading& fin = channels_.reading(Channel::evaporator);
    const auto seconds_of = [&](Parameter p) { return static_cast<std::uint32_t>(parameters_.get(p)); };

    DefrostSettings d;
    d.every_running_seconds = seconds_of(Parameter::defrost_hours) * 3600;
    d.longest_heating_seconds = seconds_of(Parameter::defrost_longest);
    d.drip_seconds = seconds_of(Parameter::drip_time);
    d.fan_delay_seconds = seconds_of(Parameter::fan_delay);
    d.end_temperature = parameters_.get(Parameter::defrost_end);
    const Defrost::State before = defrost_.state();
    const std::uint32_t timed_out = defrost_.timed_out();
    defrost_.step({air.value, fin.value, air.valid && fin.valid, thermostat_.running(), defrost_asked_}, d);
    defrost_asked_ = false;
    if (before != defrost_.state()) {
        if (defrost_.heater()) note(Event::defrost_started, static_cast<std::int32_t>(defrost_.reason()));
        if (defrost_.state() == Defrost::State::cooling) {
            note(Event::defrost_ended, static_cast<std::int32_t>(defrost_.done()));
        }
    }
    if (timed_out != defrost_.timed_out()) note(Event::defrost_timed_out);

    const ThermostatSettings t{parameters_.get(Parameter::set_point), parameters_.get(Parameter::hysteresis),
                               parameters_.get(Parameter::set_back), seconds_of(Parameter::least_on),
                               seconds_of(Parameter::least_off)};
    const bool ran = thermostat_.running();
    outputs_.compressor = thermostat_.step({air.value, air.valid, door_open_, defrost_.compressor_blocked(), eco_}, t);
    if (ran != outputs_.compressor) note(outputs_.compressor ? Event::compressor_on : Event::compressor_off);

    const Millidegrees target = t.set_point + (eco_ ? t.set_back : 0);
    const FanSettings f{parameters_.get(Parameter::fan_gain), parameters_.get(Parameter::fan_integral),
                        parameters_.get(Parameter::fan_least), 5};
    outputs_.fan_percent = fan_.step(air.value - target, outputs_.compressor, defrost_.fan_blocked() || door_open_, f);
    outputs_.heater = defrost_.heater();
    outputs_.door_open = door_open_;
}

void Application::watch_alarms() {
    const AlarmInputs in{&channels_, &parameters_, door_seconds_};
    for (std::size_t i = 0; i < alarm_count; ++i) {
        const AlarmChange change = alarms_.step(i, in);
        if (change == AlarmChange::none) continue;
        note(change == AlarmChange::raised ? Event::alarm_raised : Event::alarm_cleared, static_cast<std::int32_t>(i));
    }
}

void Application::compose_display() {
    std::array<char, Matrix::longest_text> buffer{};
    BufferSink text(buffer);
    const Reading& air = channels_.reading(Channel::air);
    const Reading& product = channels_.reading(Channel::product);
    if (alarms_.sounding() > 0) print(text, "! ");
    switch (parameters_.get(Parameter::display_text)) {
        case 0:
            print(text, "{:.1}C", air.value);
            break;
        case 1:
            print(text, "P {:.1}C", product.value);
            break;
        case 2:
            print(text, "{:.1}C P {:.1}C", air.value, product.value);
            break;
        default:
            print(text, "{}", name_of(defrost_.state()));
            break;
    }
    matrix_.text(text.text());
}

}  // namespace app
