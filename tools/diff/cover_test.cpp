#include "tools/diff/cover.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Random;

Match longest_by_hand(Bytes old, Bytes target) {
    Match best;
    for (std::size_t at = 0; at < old.size(); ++at) {
        std::size_t n = 0;
        while (at + n < old.size() && n < target.size() && old[at + n] == target[n]) ++n;
        if (n > best.bytes) best = {at, n};
    }
    return best;
}

TEST(SuffixIndex, FindsTheLongestMatch) {
    Random random(3);
    for (int round = 0; round < 20; ++round) {
        Buffer old(1 + random() % 300), target(random() % 40);
        for (auto& b : old) b = static_cast<std::uint8_t>(random() % 3);
        for (auto& b : target) b = static_cast<std::uint8_t>(random() % 3);
        const SuffixIndex index(old);
        const Match found = index.longest(target);
        EXPECT_EQ(found.bytes, longest_by_hand(old, target).bytes);
        ASSERT_LE(found.old_at + found.bytes, old.size());
        EXPECT_TRUE(equal(Bytes(old).subspan(found.old_at, found.bytes), Bytes(target).first(found.bytes)));
    }
}

TEST(SuffixIndex, FindsNothingInNothing) {
    EXPECT_EQ(SuffixIndex(Bytes{}).longest(Buffer(10)).bytes, 0U);
    EXPECT_EQ(SuffixIndex(Buffer{1}).longest({}).bytes, 0U);
}

Covers covers_of(const Buffer& old, const Buffer& now, std::size_t better_by = 8) {
    const SuffixIndex index(old);
    MatchTable matches(index, now);
    return find_covers(old, now, matches, {better_by});
}

TEST(Covers, CoverAnUnchangedImageAtOnce) {
    const Buffer image = delta_testing::code_like(5000, 1, 0);
    EXPECT_EQ(covers_of(image, image), (Covers{{0, 0, image.size()}}));
}

TEST(Covers, FollowMovedCode) {
    const Buffer image = delta_testing::code_like(5000, 1, 0);
    Buffer moved(100, 0xee);
    moved.insert(moved.end(), image.begin() + 1000, image.end());
    EXPECT_EQ(covers_of(image, moved), (Covers{{100, 1000, 4000}}));
}

TEST(Covers, AreInOrderAndInsideBothImages) {
    for (const std::uint32_t seed : {1U, 2U, 3U, 4U}) {
        const auto pair = delta_testing::two_builds(9000, seed);
        const Covers covers = covers_of(pair.old_image, pair.new_image);
        ASSERT_GT(covers.size(), 2U);
        std::size_t end = 0;
        for (const Cover& c : covers) {
            EXPECT_GE(c.new_at, end);
            EXPECT_GT(c.bytes, 0U);
            end = c.new_end();
            EXPECT_LE(c.old_end(), pair.old_image.size());
        }
        EXPECT_LE(end, pair.new_image.size());
    }
}

TEST(Covers, OnOneDiagonalAreJoinedOverASmallGap) {
    const Buffer old(100, 7);
    Buffer now = old;
    now[50] = now[51] = 1;
    EXPECT_EQ(join_covers(old, now, {{0, 0, 50}, {52, 52, 48}}), (Covers{{0, 0, 100}}));
    EXPECT_EQ(join_covers(old, now, {{0, 0, 50}, {52, 40, 40}}).size(), 2U);
    for (std::size_t i = 20; i < 80; ++i) now[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(join_covers(old, now, {{0, 0, 20}, {80, 80, 20}}).size(), 2U);
}

TEST(Covers, ThatCostMoreThanTheyGainAreDropped) {
    const Buffer old(100, 7), now(100, 7);
    EXPECT_EQ(drop_poor_covers(old, now, {{0, 0, 5}, {10, 10, 60}}, 6), (Covers{{10, 10, 60}}));
}

}  // namespace
}  // namespace sb::diff
