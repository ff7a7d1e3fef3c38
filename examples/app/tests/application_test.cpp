// The monitor as a whole, hours of simulated time with the model of the room.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_board.hpp"

namespace app {
namespace {

using testing::HasSubstr;

TEST(Application, BringsTheRoomToItsSetPointAndKeepsItThere) {
    Monitor m;
    m.start();
    m.run(2 * 3600);
    for (int i = 0; i < 30; ++i) {
        m.run(60);
        EXPECT_NEAR(m.app.plant().air(), 4000, 1800) << "minute " << i;
    }
    EXPECT_LT(m.app.thermostat().starts(), 40U);
    EXPECT_EQ(m.app.alarms().sounding(), 0U);
}

TEST(Application, ADoorLeftOpenRaisesItsAlarm) {
    Monitor m;
    m.start();
    m.run(600);
    m.type("door open");
    m.run(200);
    EXPECT_THAT(m.type("alarms"), HasSubstr("door open too long      ACTIVE"));
    EXPECT_FALSE(m.app.thermostat().running());
    m.type("door closed");
    m.run(2);
    EXPECT_THAT(m.type("alarms"), HasSubstr("door open too long      gone"));
    m.type("ack");
    EXPECT_THAT(m.type("alarms"), HasSubstr("door open too long      quiet"));
    EXPECT_THAT(m.type("log"), HasSubstr("door closed, seconds open: 200"));
}

TEST(Application, DefrostsOnAskingAndComesBack) {
    Monitor m;
    m.start();
    m.run(1800);
    EXPECT_THAT(m.type("defrost"), HasSubstr("starts"));
    m.run(2);
    EXPECT_TRUE(m.app.defrost().heater());
    EXPECT_THAT(m.type("defrost"), HasSubstr("already: defrost: heating"));
    m.run(3600);
    EXPECT_EQ(m.app.defrost().done(), 1U);
    EXPECT_EQ(m.app.defrost().timed_out(), 0U);
    EXPECT_EQ(m.app.defrost().state(), Defrost::State::cooling);
}

TEST(Application, KeepsATrendByTheQuarterOfAnHour) {
    Monitor m;
    m.start();
    m.run(3 * 3600 + 5);
    EXPECT_EQ(m.app.trend().history(0).size(), 12U);
    const TrendBucket& last = m.app.trend().history(0)[11];
    EXPECT_LE(last.least, last.mean);
    EXPECT_LE(last.mean, last.most);
    EXPECT_THAT(m.type("trend"), HasSubstr("last mean"));
    m.type("trend clear");
    EXPECT_THAT(m.type("trend"), HasSubstr("nothing yet"));
}

TEST(Application, EcoModeWarmsTheRoomByTheSetBack) {
    Monitor m;
    m.start();
    EXPECT_THAT(m.type("eco on"), HasSubstr("eco on"));
    m.run(2 * 3600);
    std::int32_t sum = 0;
    for (int i = 0; i < 60; ++i) {
        m.run(60);
        sum += m.app.plant().air();
    }
    EXPECT_NEAR(static_cast<double>(sum) / 60, 5500, 500);
}

}  // namespace
}  // namespace app
