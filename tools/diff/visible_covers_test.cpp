#include "tools/diff/visible_covers.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::diff {
namespace {

TEST(VisibleCovers, LeaveTwoSlotsAlone) {
    const Covers covers = {{0, 40, 100}, {100, 0, 30}};
    EXPECT_EQ(visible_covers(covers, {}, 200), covers);
}

TEST(VisibleCovers, DropWhatTheSegmentOverwrites) {
    // Units of 16, segments of 32, the old image 16 bytes up: while [0, 32) is written, old bytes from 16 on stand.
    const Visibility visible{.segment_bytes = 32, .erase_bytes = 16, .shift_bytes = 16};
    EXPECT_EQ(visible_covers({{0, 0, 32}}, visible, 96), (Covers{{16, 16, 16}}));
    EXPECT_EQ(visible_covers({{0, 20, 32}}, visible, 96), (Covers{{0, 20, 32}}));
    EXPECT_EQ(visible_covers({{32, 0, 32}}, visible, 96), Covers{});
    // One that goes through both segments stays in one piece where it can.
    EXPECT_EQ(visible_covers({{0, 48, 64}}, visible, 96), (Covers{{0, 48, 64}}));
}

TEST(VisibleCovers, ReadNothingThatIsGone) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        const std::uint32_t unit = 1U << random() % 6;
        const Visibility visible{.segment_bytes = unit * (1 + static_cast<std::uint32_t>(random() % 5)),
                                 .erase_bytes = unit,
                                 .shift_bytes = unit * static_cast<std::uint32_t>(random() % 7)};
        const std::uint32_t size = 200;
        Covers covers;
        for (std::size_t at = random() % 20; at + 50 < size; at += 50 + random() % 9)
            covers.push_back({at, random() % 150, 1 + random() % 50});
        for (const Cover& seen : visible_covers(covers, visible, size))
            for (std::size_t i = 0; i < seen.bytes; ++i) {
                const auto at = static_cast<std::uint32_t>(seen.new_at + i);
                ASSERT_GE(seen.old_at + i, visible.lowest_old(at, size)) << "round " << round;
            }
    }
}

}  // namespace
}  // namespace sb::diff
