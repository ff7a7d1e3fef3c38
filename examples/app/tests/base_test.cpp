#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "base/crc.hpp"
#include "base/math.hpp"
#include "base/parse.hpp"
#include "base/ring.hpp"
#include "base/text.hpp"
#include "fake_board.hpp"

namespace app {
namespace {

template <class... Args>
std::string formatted(std::string_view format, const Args&... args) {
    StringSink out;
    print(out, format, args...);
    return out.text;
}

TEST(Text, FormatsNumbersTextAndFixedPoint) {
    EXPECT_EQ(formatted("{} {} {}", 1, -2, 3U), "1 -2 3");
    EXPECT_EQ(formatted("{:5}|{:05}|{:5}", 42, -42, "ab"), "   42|-0042|ab   ");
    EXPECT_EQ(formatted("{:08x}", 0xbeefU), "0000beef");
    EXPECT_EQ(formatted("{:.1} {:.2} {:.0} {:.3}", 4250, -4255, 1499, 7), "4.3 -4.26 1 0.007");
    EXPECT_EQ(formatted("{:8.1}|", -40), "    -0.0|");
    EXPECT_EQ(formatted("{}", -2147483647 - 1), "-2147483648");
    EXPECT_EQ(formatted("{}{}", 'x', std::string_view("yz")), "xyz");
}

TEST(Text, WrongFormatsShowAndReadNothing) {
    EXPECT_EQ(formatted("{} {}", 1), "1 {?}");
    EXPECT_EQ(formatted("{:q}", 1), "{?}");
    EXPECT_EQ(formatted("{:.9}", 1), "{?}");
    EXPECT_EQ(formatted("{ no end", 1), "{ no end");
}

TEST(Text, EndsOfLinesAreForTerminals) {
    EXPECT_EQ(formatted("a\nb"), "a\r\nb");
}

TEST(Text, BufferCutsOffAndTells) {
    std::array<char, 4> room{};
    BufferSink sink(room);
    print(sink, "12345");
    EXPECT_EQ(sink.text(), "1234");
    EXPECT_TRUE(sink.cut());
}

TEST(Parse, WordsArePartedByBlanks) {
    std::string_view rest = "  set  setpoint\t4.5 ";
    EXPECT_EQ(next_word(rest), "set");
    EXPECT_EQ(next_word(rest), "setpoint");
    EXPECT_EQ(next_word(rest), "4.5");
    EXPECT_EQ(next_word(rest), "");
}

TEST(Parse, IntegersWithSignAndBase) {
    EXPECT_EQ(parse_int("42"), 42);
    EXPECT_EQ(parse_int("-0x1F"), -31);
    EXPECT_EQ(parse_int("-2147483648"), -2147483647 - 1);
    EXPECT_EQ(parse_int("2147483648"), std::nullopt);
    for (const char* bad : {"", "-", "4a", "0x", "1 2", "99999999999"}) EXPECT_EQ(parse_int(bad), std::nullopt) << bad;
}

TEST(Parse, ThousandthsWithUpToThreeDecimals) {
    EXPECT_EQ(parse_thousandths("4"), 4000);
    EXPECT_EQ(parse_thousandths("-4.25"), -4250);
    EXPECT_EQ(parse_thousandths("0.007"), 7);
    for (const char* bad : {"", ".5", "4.", "1.2345", "9999999", "1.-2"}) {
        EXPECT_EQ(parse_thousandths(bad), std::nullopt) << bad;
    }
}

TEST(Parse, HexBytes) {
    std::array<std::uint8_t, 3> out{};
    EXPECT_EQ(parse_hex_bytes("01 aBff", out), 3U);
    EXPECT_THAT(out, testing::ElementsAre(1, 0xab, 0xff));
    EXPECT_EQ(parse_hex_bytes("01020304", out), std::nullopt);
    EXPECT_EQ(parse_hex_bytes("012", out), std::nullopt);
    EXPECT_EQ(parse_hex_bytes("zz", out), std::nullopt);
}

TEST(Ring, NewestPushesOutOldest) {
    Ring<int, 3> ring;
    for (const int v : {1, 2, 3, 4}) ring.push(v);
    EXPECT_TRUE(ring.full());
    EXPECT_EQ(ring[0], 2);
    EXPECT_EQ(ring[2], 4);
    int out = 0;
    EXPECT_TRUE(ring.pop(out));
    EXPECT_EQ(out, 2);
    EXPECT_EQ(ring.size(), 2U);
}

TEST(Math, LogarithmIsRightToAThousandth) {
    for (const std::uint32_t v : {1U, 10U, 500U, 999U, 1000U, 1500U, 2718U, 31000U, 4000000000U}) {
        const double truth = std::log(static_cast<double>(v) / 1000.0) * 1000.0;
        EXPECT_NEAR(log_thousandths(v), truth, 1.5) << v;
    }
}

TEST(Math, SquareRootIsTheFloor) {
    for (const std::uint32_t v : {0U, 1U, 2U, 3U, 4U, 99U, 100U, 65535U, 4294967295U}) {
        const std::uint64_t root = square_root(v);
        EXPECT_LE(root * root, v);
        EXPECT_GT((root + 1) * (root + 1), v);
    }
}

}  // namespace
}  // namespace app
