#include "tools/layout/space.hpp"

#include <gtest/gtest.h>

#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

TEST(Space, OfEqualUnitsIsHalvedAndSwapTakesOneMore) {
    EXPECT_EQ(most(good, Scheme::xip), 24U << 10);
    EXPECT_EQ(most(good, Scheme::copy), 24U << 10);
    EXPECT_EQ(most(good, Scheme::swap), 23U << 10);
    const std::string odd = with("offset = \"32K\"\nsize = \"24K\"", "offset = \"32K\"\nsize = \"23K\"");
    EXPECT_EQ(most(odd, Scheme::swap), 23U << 10);
    EXPECT_EQ(most(odd, Scheme::copy), 23U << 10);
}

TEST(Space, OfSlotsThatDoNotAdjoinIsNotMoved) {
    const std::string apart = with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"20K\"");
    EXPECT_EQ(most(apart, Scheme::xip), 20U << 10);
    EXPECT_EQ(most(apart, Scheme::swap), 20U << 10) << "slot_b has four units more, and one is needed";
    const std::string other = with("offset = \"32K\"\nsize = \"24K\"", "offset = \"36K\"\nsize = \"20K\"");
    EXPECT_EQ(most(other, Scheme::copy), 20U << 10);
    EXPECT_EQ(most(other, Scheme::swap), 19U << 10);
}

TEST(Space, OfUnequalUnitsIsTheBestOfTheirSizes) {
    // 8 KB of boot, then sectors of 1, 1, 1, 1, 4, 8, 8, 8, 8, 8 KB for the slots, and 8 KB for the journal.
    const std::string sectors = with("erase_unit = \"1K\"",
                                     "erase_map = [{units = 12, size = \"1K\"}, {units = 1, size = \"4K\"}, "
                                     "{units = 5, size = \"8K\"}, {units = 8, size = \"1K\"}]");
    // xip: 24 and 24. swap in units of 8 KB, of which the small ones together are one: two and three.
    EXPECT_EQ(most(sectors, Scheme::xip), 24U << 10);
    EXPECT_EQ(most(sectors, Scheme::swap), 16U << 10);
}

TEST(Space, OfTheShippedOnesIsWhatTheyUse) {
    for (const std::string& name : shipped_names()) {
        const auto layout = load(name);
        ASSERT_TRUE(layout);
        EXPECT_GE(most_image_bytes(*layout, layout->scheme), check(*layout)->image_room_bytes) << name;
    }
}

}  // namespace
}  // namespace sb::layout
