#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "console/line_editor.hpp"
#include "fake_board.hpp"

namespace app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string edited(std::string_view keys) {
    LineEditor editor;
    StringSink echo;
    std::string lines;
    for (const char c : keys) {
        if (editor.feed(c, echo)) lines += "[" + std::string(editor.line()) + "]";
    }
    return lines;
}

TEST(LineEditor, EditsAndEndsLines) {
    EXPECT_EQ(edited("help\r"), "[help]");
    EXPECT_EQ(edited("helx\x7fp\r\n"), "[help]");
    EXPECT_EQ(edited("rubbish\x15log\n"), "[log]");
    EXPECT_EQ(edited("half\x03log\r"), "[][log]");
    EXPECT_EQ(edited("\x08\x08ok\r"), "[ok]");
}

TEST(LineEditor, ArrowsRecallTheLastLines) {
    EXPECT_EQ(edited("one\rtwo\r\x1b[A\x1b[A\r"), "[one][two][one]");
    EXPECT_EQ(edited("one\rtwo\r\x1b[A\x1b[A\x1b[B\r"), "[one][two][two]");
    EXPECT_EQ(edited("one\r\x1b[A\x1b[B\r"), "[one][]");
}

TEST(LineEditor, ALineThatIsTooLongKeepsItsBeginning) {
    const std::string long_line(100, 'x');
    EXPECT_EQ(edited(long_line + "\r"), "[" + std::string(LineEditor::longest, 'x') + "]");
}

TEST(Console, HelpListsEveryCommandAndExplainsOne) {
    Monitor m;
    m.start();
    const std::string help = m.type("help");
    for (const char* name : {"version", "status", "sensors", "selftest", "log", "get", "set", "save", "trend"}) {
        EXPECT_THAT(help, HasSubstr(name));
    }
    EXPECT_THAT(m.type("help set"), HasSubstr("NAME VALUE"));
    EXPECT_THAT(m.type("help nothing"), HasSubstr("no command"));
}

TEST(Console, UnknownCommandsAreNamedAndEmptyLinesAreNothing) {
    Monitor m;
    m.start();
    EXPECT_THAT(m.type("frobnicate"), HasSubstr("no command 'frobnicate'"));
    EXPECT_EQ(m.type(""), "");
    EXPECT_EQ(m.type("   "), "");
}

TEST(Console, SetChecksNameNumberAndLimits) {
    Monitor m;
    m.start();
    EXPECT_THAT(m.type("set setpoint 5.5"), HasSubstr("5.5 C"));
    EXPECT_EQ(m.app.parameters().get(Parameter::set_point), 5500);
    EXPECT_THAT(m.type("set setpoint 99"), HasSubstr("out of range"));
    EXPECT_THAT(m.type("set setpoint warm"), HasSubstr("not a number"));
    EXPECT_THAT(m.type("set nosuch 1"), HasSubstr("no parameter"));
    EXPECT_THAT(m.type("set"), HasSubstr("NAME VALUE"));
    EXPECT_EQ(m.app.parameters().get(Parameter::set_point), 5500);
    EXPECT_THAT(m.type("get setpoint"), HasSubstr("-30.0 to 15.0"));
}

TEST(Console, SaveKeepsTheParametersAcrossAStart) {
    Monitor m;
    m.start();
    m.type("set hysteresis 2.5");
    EXPECT_THAT(m.type("save"), HasSubstr("revision 1"));
    Application again({"a test", &m.console, &m.pages, &m.bench, &m.pins});
    again.start(0);
    EXPECT_EQ(again.parameters().get(Parameter::hysteresis), 2500);
    m.pages.power_fails_after_words = 3;
    EXPECT_THAT(m.type("save"), HasSubstr("NOT saved"));
    EXPECT_THAT(m.type("log error"), HasSubstr("could not be saved"));
}

TEST(Console, LogFiltersBySeverityAndClears) {
    Monitor m;
    m.start();
    m.run(5);
    EXPECT_THAT(m.type("log"), HasSubstr("self-test passed"));
    EXPECT_THAT(m.type("log"), Not(HasSubstr("compressor on")));
    EXPECT_THAT(m.type("log debug"), HasSubstr("compressor on"));
    EXPECT_THAT(m.type("log error"), HasSubstr("nothing"));
    EXPECT_THAT(m.type("log clear"), HasSubstr("cleared"));
    EXPECT_THAT(m.type("log loud"), HasSubstr("log: debug"));
    EXPECT_EQ(m.app.log().size(), 1U);
}

TEST(Console, SensorsStatusAlarmsAndTasksShowTheRunningMonitor) {
    Monitor m;
    m.start();
    m.run(20);
    const std::string sensors = m.type("sensors");
    for (std::size_t i = 0; i < channel_count; ++i) {
        EXPECT_THAT(sensors, HasSubstr(std::string(channel_info(static_cast<Channel>(i)).name)));
    }
    EXPECT_THAT(sensors, Not(HasSubstr("lost")));
    EXPECT_THAT(m.type("status"), HasSubstr("up        0:00:19"));
    EXPECT_THAT(m.type("tasks"), HasSubstr("second"));
    EXPECT_THAT(m.type("alarms"), HasSubstr("door open too long      quiet"));
    EXPECT_THAT(m.type("version"), HasSubstr("1.1.0"));
    EXPECT_THAT(m.type("trend"), HasSubstr("this quarter"));
}

}  // namespace
}  // namespace app
