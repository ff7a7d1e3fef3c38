#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "fake_board.hpp"

namespace app {
namespace {

using Frame = std::vector<std::uint8_t>;

Frame with_crc(Frame f) {
    const std::uint16_t crc = crc16_modbus(f);
    f.push_back(static_cast<std::uint8_t>(crc & 0xff));
    f.push_back(static_cast<std::uint8_t>(crc >> 8));
    return f;
}

class BusTest : public testing::Test {
protected:
    void SetUp() override {
        m_.start();
        m_.run(3);
    }
    /// Sends address, function and data; gives the answer without address and check sum.
    Frame ask(const Frame& f) {
        const Bytes a = m_.app.bus().handle(with_crc(f), 17);
        if (a.empty()) return {};
        EXPECT_EQ(crc16_modbus(a), 0) << "the answer's own check sum";
        EXPECT_EQ(a[0], 17);
        return {a.begin() + 1, a.end() - 2};
    }
    Monitor m_;
};

TEST_F(BusTest, ReadsChannelsAndParameters) {
    const Frame inputs = ask({17, 4, 0, 0, 0, 1});
    ASSERT_EQ(inputs.size(), 4U);
    const int tenths = static_cast<std::int16_t>(inputs[2] << 8 | inputs[3]);
    EXPECT_EQ(tenths, m_.app.channels().reading(Channel::air).value / 100);
    EXPECT_EQ(ask({17, 3, 0, 0, 0, 2}), (Frame{3, 4, 0, 40, 0, 10}));  // set point 4.0, hysteresis 1.0
}

TEST_F(BusTest, WritesWithinLimitsOnly) {
    EXPECT_EQ(ask({17, 6, 0, 0, 0, 55}), (Frame{6, 0, 0, 0, 55}));
    EXPECT_EQ(m_.app.parameters().get(Parameter::set_point), 5500);
    EXPECT_EQ(ask({17, 6, 0, 0, 0x7f, 0xff}), (Frame{0x86, 3}));
    EXPECT_EQ(ask({17, 16, 0, 0, 0, 2, 4, 0xff, 0xce, 0, 20}), (Frame{16, 0, 0, 0, 2}));
    EXPECT_EQ(m_.app.parameters().get(Parameter::set_point), -5000);
    EXPECT_EQ(m_.app.parameters().get(Parameter::hysteresis), 2000);
}

TEST_F(BusTest, ReadsAndWritesInOneRequest) {
    EXPECT_EQ(ask({17, 23, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 30}), (Frame{23, 2, 0, 30}));
}

TEST_F(BusTest, IdentifiesItself) {
    const Frame id = ask({17, 43, 14, 1, 0});
    const std::string text(id.begin(), id.end());
    EXPECT_THAT(text, testing::HasSubstr("FJORD-6"));
    EXPECT_THAT(text, testing::HasSubstr("1.1.0"));
}

TEST_F(BusTest, RefusesWithTheRightException) {
    EXPECT_EQ(ask({17, 99, 0}), (Frame{99 | 0x80, 1}));
    EXPECT_EQ(ask({17, 3, 0, parameter_count, 0, 1}), (Frame{0x83, 2}));
    EXPECT_EQ(ask({17, 4, 0, 9, 0, 1}), (Frame{0x84, 2}));
    EXPECT_EQ(ask({17, 3, 0, 0, 0, 0}), (Frame{0x83, 3}));
    EXPECT_EQ(ask({17, 3, 0, 0, 0, 126}), (Frame{0x83, 3}));
    EXPECT_EQ(ask({17, 3, 0, 0, 0}), (Frame{0x83, 3}));
    EXPECT_EQ(ask({17, 16, 0, 0, 0, 2, 2, 0, 0}), (Frame{0x90, 3}));
}

TEST_F(BusTest, KeepsSilentForOthersBroadcastsAndBadSums) {
    EXPECT_TRUE(ask({18, 3, 0, 0, 0, 1}).empty());
    EXPECT_TRUE(ask({0, 6, 0, 0, 0, 70}).empty());
    EXPECT_EQ(m_.app.parameters().get(Parameter::set_point), 7000) << "a broadcast is obeyed";
    Frame damaged = with_crc({17, 3, 0, 0, 0, 1});
    damaged[3] ^= 1;
    EXPECT_TRUE(m_.app.bus().handle(damaged, 17).empty());
    EXPECT_EQ(m_.app.bus().bad_crc(), 1U);
    EXPECT_TRUE(m_.app.bus().handle(Frame{17}, 17).empty());
}

TEST_F(BusTest, NoShortFrameReadsBeyondItsEnd) {
    for (int function = 0; function < 128; ++function) {
        for (std::size_t length = 2; length < 12; ++length) {
            Frame f(length, 1);
            f[0] = 17;
            f[1] = static_cast<std::uint8_t>(function);
            const Frame answer = ask(f);
            ASSERT_GE(answer.size(), 2U);
        }
    }
}

TEST_F(BusTest, TheConsoleSpeaksToIt) {
    EXPECT_THAT(m_.type("bus 11 03 00 00 00 01"), testing::StartsWith("11 03 02 00 28 "));
    EXPECT_THAT(m_.type("bus 11 63 00"), testing::StartsWith("11 e3 01 "));
    EXPECT_THAT(m_.type("log"), testing::HasSubstr("bus request refused, exception: 1"));
    EXPECT_THAT(m_.type("bus 12 03 00 00 00 01"), testing::HasSubstr("no answer"));
    EXPECT_THAT(m_.type("bus xyz"), testing::HasSubstr("bus HEX"));
}

}  // namespace
}  // namespace app
