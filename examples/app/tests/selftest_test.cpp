#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_board.hpp"
#include "selftest/known_answers.hpp"
#include "selftest/ram_march.hpp"

namespace app {
namespace {

TEST(SelfTest, KnownAnswersHold) {
    EXPECT_TRUE(filter_known_answer());
    EXPECT_TRUE(crc_known_answer());
    EXPECT_TRUE(sensor_known_answer());
    EXPECT_TRUE(arithmetic_known_answer());
}

TEST(SelfTest, PassesOnAGoodBoard) {
    FakeBench bench;
    SelfTest test;
    EXPECT_FALSE(test.passed()) << "nothing was run yet";
    EXPECT_TRUE(test.run(bench));
    StringSink out;
    test.report(out);
    EXPECT_THAT(out.text, testing::HasSubstr("self-test: passed"));
}

TEST(SelfTest, NamesTheStepThatFails) {
    FakeBench bench;
    SelfTest test;
    bench.after[2] ^= 0x40;
    EXPECT_FALSE(test.run(bench));
    EXPECT_EQ(test.first_failed(), 1U);
    bench.after[2] ^= 0x40;
    bench.ticks_a_microsecond = 13;
    EXPECT_FALSE(test.run(bench));
    EXPECT_EQ(test.first_failed(), 2U);
    StringSink out;
    test.report(out);
    EXPECT_THAT(out.text, testing::HasSubstr("clocks agree                FAILED"));
    bench.ticks_a_microsecond = 16;
    EXPECT_TRUE(test.run(bench));
}

TEST(RamMarch, LeavesZerosBehind) {
    std::array<volatile std::uint32_t, 8> area{};
    for (auto& w : area) w = 0x12345678;
    EXPECT_TRUE(ram_march(area));
    for (const auto& w : area) EXPECT_EQ(w, 0U);
}

TEST(SelfTest, AFailedSelfTestKeepsTheCompressorOff) {
    Monitor m;
    m.bench.stored_crc ^= 1;
    m.start();
    m.run(30);
    EXPECT_EQ(m.app.thermostat().starts(), 0U);
    EXPECT_THAT(m.type("status"), testing::HasSubstr("self-test FAILED"));
    EXPECT_THAT(m.type("log error"), testing::HasSubstr("self-test FAILED, step: 1"));
}

}  // namespace
}  // namespace app
