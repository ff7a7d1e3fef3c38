#include "core/delta/hdiff_number.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

struct Case {
    Buffer bytes;
    unsigned tag_bits;
    std::uint32_t value;
    unsigned tag;
};

TEST(HdiffNumber, IsBase128HighBytesFirstBelowItsTag) {
    const Case cases[] = {
        {{0x00}, 0, 0, 0},
        {{0x7f}, 0, 127, 0},
        {{0x81, 0x00}, 0, 128, 0},
        {{0x88, 0xd3, 0x68}, 0, 141800, 0},
        {{0x80, 0x00}, 0, 0, 0},
        {{0x80, 0x80, 0x80, 0x05}, 0, 5, 0},
        {{0x8f, 0xff, 0xff, 0xff, 0x7f}, 0, 0xffffffff, 0},
        {{0x1e}, 1, 30, 0},
        {{0x9e}, 1, 30, 1},
        {{0x40, 0x40}, 1, 64, 0},
        {{0xc1, 0x16}, 1, 150, 1},
        {{0x1f}, 2, 31, 0},
        {{0xff, 0x01}, 2, 0x1f << 7 | 1, 3},
        {{0x60, 0x00}, 2, 0, 1},
    };
    for (const Case& c : cases) {
        std::uint32_t at = 0;
        const auto number = read_hdiff_number(c.bytes, at, c.tag_bits);
        ASSERT_TRUE(number.has_value()) << c.value;
        EXPECT_EQ(number->whole_value(), c.value);
        EXPECT_EQ(number->tag(), c.tag);
        EXPECT_EQ(at, c.bytes.size());
    }
}

TEST(HdiffNumber, BeginsTheNextOneAfterAWholeOne) {
    HdiffNumber number;
    EXPECT_FALSE(number.take(0x81).value());
    EXPECT_FALSE(number.fresh());
    EXPECT_TRUE(number.take(0x02).value());
    EXPECT_TRUE(number.fresh());
    EXPECT_EQ(number.whole_value(), 130U);
    EXPECT_TRUE(number.take(0x83, 1).value());
    EXPECT_EQ(number.whole_value(), 3U);
    EXPECT_EQ(number.tag(), 1U);
}

TEST(HdiffNumber, RefusesWhatIsTooLargeOrDoesNotEnd) {
    const struct {
        Buffer bytes;
        Error error;
    } cases[] = {
        {{0x90, 0x80, 0x80, 0x80, 0x00}, Error::too_large},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, Error::too_large},
        {Buffer(10, 0x80), Error::malformed},
        {Buffer(9, 0x80), Error::truncated},
        {{}, Error::truncated},
        {{0x80}, Error::truncated},
    };
    for (const auto& c : cases) {
        std::uint32_t at = 0;
        EXPECT_EQ(read_hdiff_number(c.bytes, at).error(), c.error) << c.bytes.size();
    }
}

}  // namespace
}  // namespace sb
