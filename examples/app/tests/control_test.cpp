#include <gtest/gtest.h>

#include "alarm/alarms.hpp"
#include "control/defrost.hpp"
#include "control/fan.hpp"
#include "control/thermostat.hpp"

namespace app {
namespace {

TEST(Thermostat, StaysInItsBandAndKeepsItsLeastTimes) {
    Thermostat t;
    const ThermostatSettings s{4000, 1000, 0, 60, 120};
    EXPECT_FALSE(t.step({4400, true, false, false, false}, s));
    EXPECT_TRUE(t.step({4600, true, false, false, false}, s));
    for (int i = 0; i < 59; ++i) EXPECT_TRUE(t.step({3000, true, false, false, false}, s)) << i;
    EXPECT_FALSE(t.step({3000, true, false, false, false}, s));
    for (int i = 0; i < 119; ++i) EXPECT_FALSE(t.step({9000, true, false, false, false}, s)) << i;
    EXPECT_TRUE(t.step({9000, true, false, false, false}, s));
    EXPECT_EQ(t.starts(), 2U);
}

TEST(Thermostat, EcoModeIsWarmer) {
    Thermostat t;
    const ThermostatSettings s{4000, 1000, 2000, 60, 120};
    EXPECT_FALSE(t.step({6000, true, false, false, true}, s));
    EXPECT_TRUE(t.step({6000, true, false, false, false}, s));
}

TEST(Thermostat, AnOpenDoorStopsTheCompressorAfterHalfAMinute) {
    Thermostat t;
    const ThermostatSettings s{4000, 1000, 0, 600, 120};
    ASSERT_TRUE(t.step({9000, true, false, false, false}, s));
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(t.step({9000, true, true, false, false}, s));
    EXPECT_FALSE(t.step({9000, true, true, false, false}, s));
}

TEST(Thermostat, WithoutASensorItKeepsARhythm) {
    Thermostat t;
    const ThermostatSettings s;
    int on = 0;
    for (int i = 0; i < 3000; ++i) on += t.step({0, false, false, false, false}, s) ? 1 : 0;
    EXPECT_TRUE(t.emergency());
    EXPECT_NEAR(on, 1200, 5);
}

DefrostInputs cold() {
    return {4000, -15000, true, true, false};
}

TEST(Defrost, RunsThroughItsStatesOnAsking) {
    Defrost d;
    const DefrostSettings s;
    DefrostInputs in = cold();
    in.asked = true;
    d.step(in, s);
    EXPECT_TRUE(d.heater());
    EXPECT_EQ(d.reason(), Defrost::Reason::asked);
    in.asked = false;
    in.evaporator = 9000;
    d.step(in, s);
    EXPECT_EQ(d.state(), Defrost::State::dripping);
    EXPECT_TRUE(d.compressor_blocked());
    for (int i = 0; i < 120; ++i) d.step(in, s);
    EXPECT_EQ(d.state(), Defrost::State::fan_delay);
    in.evaporator = -5000;
    d.step(in, s);
    EXPECT_EQ(d.state(), Defrost::State::cooling);
    EXPECT_EQ(d.done(), 1U);
    EXPECT_EQ(d.timed_out(), 0U);
}

TEST(Defrost, StartsByHoursAndByFrost) {
    const DefrostSettings s;
    Defrost hours;
    DefrostInputs in = cold();
    for (int i = 0; i < 6 * 3600 - 1; ++i) hours.step(in, s);
    EXPECT_EQ(hours.state(), Defrost::State::heating);  // 19 K of difference: frost was faster than the hours
    EXPECT_EQ(hours.reason(), Defrost::Reason::frost);

    Defrost clean;
    in.evaporator = -8000;
    for (int i = 0; i < 6 * 3600 - 1; ++i) clean.step(in, s);
    EXPECT_EQ(clean.state(), Defrost::State::cooling);
    clean.step(in, s);
    EXPECT_EQ(clean.reason(), Defrost::Reason::hours);
}

TEST(Defrost, ABrokenHeaterEndsByTime) {
    Defrost d;
    const DefrostSettings s;
    DefrostInputs in = cold();
    in.asked = true;
    for (int i = 0; i < 1501; ++i) {
        d.step(in, s);
        in.asked = false;
    }
    EXPECT_EQ(d.state(), Defrost::State::dripping);
    EXPECT_EQ(d.timed_out(), 1U);
}

TEST(Fan, RampsToTheErrorAndStopsAtOnceWhenBlocked) {
    Fan fan;
    const FanSettings s;
    EXPECT_EQ(fan.step(20000, true, false, s), 5);
    for (int i = 0; i < 30; ++i) (void)fan.step(20000, true, false, s);
    EXPECT_EQ(fan.percent(), 100);
    EXPECT_EQ(fan.step(20000, true, true, s), 0);
}

TEST(Fan, TheIntegralDoesNotWindUp) {
    Fan fan;
    const FanSettings s;
    for (int i = 0; i < 10000; ++i) (void)fan.step(20000, true, false, s);
    int seconds = 0;
    while (fan.percent() > s.least_percent && seconds < 1000) {
        (void)fan.step(-1000, true, false, s);
        ++seconds;
    }
    EXPECT_LT(seconds, 200);
}

class AlarmTest : public testing::Test {
protected:
    void give(std::int32_t counts) {
        for (int i = 0; i < 200; ++i) channels_.sample(Channel::supply, counts, 0);
    }
    AlarmChange step() { return alarms_.step(supply_low, {&channels_, &parameters_, 0}); }

    static constexpr std::size_t supply_low = 5;
    Channels channels_;
    Parameters parameters_;
    Alarms alarms_;
};

TEST_F(AlarmTest, WaitsRaisesClearsAndStaysVisible) {
    give(2800);  // 24.8 V
    EXPECT_EQ(step(), AlarmChange::none);
    EXPECT_EQ(alarms_.state(supply_low), AlarmState::quiet);
    give(2200);  // 19.5 V
    int seconds = 1;
    while (step() != AlarmChange::raised && seconds < 100) ++seconds;
    EXPECT_EQ(seconds, 6);
    EXPECT_EQ(alarms_.sounding(), 1U);
    give(2400);  // 21.27 V: above the limit, but not by the half volt that it takes
    EXPECT_EQ(step(), AlarmChange::none);
    give(2800);
    EXPECT_EQ(step(), AlarmChange::cleared);
    EXPECT_EQ(alarms_.state(supply_low), AlarmState::gone);
    EXPECT_EQ(alarms_.acknowledge(), 1U);
    EXPECT_EQ(alarms_.state(supply_low), AlarmState::quiet);
}

TEST_F(AlarmTest, AcknowledgedAlarmsAreSilentButStillBits) {
    give(2200);
    for (int i = 0; i < 10; ++i) (void)step();
    EXPECT_EQ(alarms_.acknowledge(), 1U);
    EXPECT_EQ(alarms_.sounding(), 0U);
    EXPECT_EQ(alarms_.bits(), 1U << supply_low);
}

}  // namespace
}  // namespace app
