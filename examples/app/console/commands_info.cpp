// Commands that only look.
#include "application.hpp"
#include "base/parse.hpp"
#include "base/release.hpp"
#include "console/handlers.hpp"

namespace app::handlers {

void version(Application& app, std::string_view /*args*/) {
    const TestBench::Image image = app.board().test_bench->image();
    print(app.out(), "{} {}.{}.{}\n", release::product, release::major, release::minor, release::patch);
    print(app.out(), "board {}, image {} bytes, CRC-32 {:08x}\n", app.board().name,
          image.before.size() + image.after.size() + sizeof(std::uint32_t), image.stored_crc);
}

void status(Application& app, std::string_view /*args*/) {
    Sink& out = app.out();
    const std::uint32_t s = app.seconds();
    print(out, "up        {}:{:02}:{:02}\n", s / 3600, s / 60 % 60, s % 60);
    print(out, "mode      {}{}{}\n", name_of(app.defrost().state()), app.eco() ? ", eco" : "",
          app.thermostat().emergency() ? ", EMERGENCY RHYTHM" : "");
    print(out, "compressor {}, {} starts, {} min\n", app.thermostat().running() ? "on" : "off",
          app.thermostat().starts(), app.thermostat().seconds_running() / 60);
    print(out, "fan       {} %\n", app.fan().percent());
    print(out, "door      {}\n", app.door_open() ? "OPEN" : "closed");
    print(out, "dew point {:.1} C\n", app.channels().dew_point_of_room());
    print(out, "defrosts  {}, by time {}\n", app.defrost().done(), app.defrost().timed_out());
    print(out, "alarms    {} sounding\n", app.alarms().sounding());
    print(out, "log       {} events\n", app.log().total());
    print(out, "bus       {} frames, {} with a wrong check sum\n", app.bus().frames(), app.bus().bad_crc());
    if constexpr (release::at_least(1, 1)) print(out, "chatter   {} counts at 1 Hz\n", app.chatter());
    print(out, "self-test {}\n", app.self_test().passed() ? "passed" : "FAILED");
}

void sensors(Application& app, std::string_view /*args*/) {
    Sink& out = app.out();
    print(out, "channel        value   a minute    raw  rejected\n");
    for (std::size_t i = 0; i < channel_count; ++i) {
        const auto c = static_cast<Channel>(i);
        const ChannelInfo& info = channel_info(c);
        const Reading& r = app.channels().reading(c);
        print(out, "{:11}", info.name);
        if (r.valid) {
            print(out, info.decimals == 1 ? "{:8.1} {:1}" : "{:8.2} {:1}", r.value, info.unit);
        } else {
            print(out, "    lost  ");
        }
        print(out, "{:9.2}  {:5}  {:8}  {}\n", r.slope, r.raw, app.channels().rejected(c), info.what);
    }
}

void tasks(Application& app, std::string_view /*args*/) {
    print(app.out(), "task          period ms       runs  worst ms  missed\n");
    for (const Scheduler::Task& t : app.scheduler().tasks()) {
        if (!t.active) continue;
        print(app.out(), "{:13} {:9} {:10} {:9} {:7}\n", t.name, t.period, t.runs, t.worst_lateness, t.missed);
    }
}

void log(Application& app, std::string_view args) {
    const std::string_view word = next_word(args);
    if (word == "clear") {
        app.log().clear();
        app.note(Event::log_cleared);
        print(app.out(), "cleared\n");
        return;
    }
    Severity least = Severity::info;
    bool known = word.empty();
    for (const Severity s : {Severity::debug, Severity::info, Severity::warning, Severity::error}) {
        if (!abbreviates(word, name_of(s))) continue;
        least = s;
        known = true;
    }
    if (!known) {
        print(app.out(), "log: debug, info, warning, error or clear\n");
        return;
    }
    if (app.log().dump(app.out(), least) == 0) print(app.out(), "nothing\n");
}

void selftest(Application& app, std::string_view /*args*/) {
    (void)app.test_yourself();
    app.self_test().report(app.out());
}

void alarms(Application& app, std::string_view /*args*/) {
    for (std::size_t i = 0; i < alarm_count; ++i) {
        const AlarmRule& rule = alarm_rule(i);
        print(app.out(), "  {:24}{:13}", rule.text, name_of(app.alarms().state(i)));
        if (rule.threshold != Parameter::count) {
            const ParameterInfo& info = parameter_info(rule.threshold);
            const std::int32_t v = app.parameters().get(rule.threshold);
            print(app.out(), info.decimals > 0 ? "at {:.1} {}" : "at {} {}", v, info.unit);
        }
        print(app.out(), "{}\n", rule.critical ? ", critical" : "");
    }
}

void trend(Application& app, std::string_view args) {
    if constexpr (release::has_trend) {
        if (next_word(args) == "clear") {
            app.trend().clear();
            app.note(Event::trend_cleared);
            print(app.out(), "cleared\n");
            return;
        }
        for (std::size_t i = 0; i < Trend::followed.size(); ++i) app.trend().draw(app.out(), i);
    }
}

}  // namespace app::handlers
