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

TEST(SuffixIndex, FindsTheSameWithWideOffsets) {
    const Buffer old = delta_testing::code_like(70000, 1, 0), target = delta_testing::code_like(3000, 9, 4);
    const SuffixIndex narrow(old), wide(old, {1, 1, true}), wide_parts(old, {3, 2, true}), parts(old, {3, 2, false});
    for (std::size_t at = 0; at < target.size(); ++at) {
        const Bytes rest = Bytes(target).subspan(at);
        EXPECT_EQ(wide.longest(rest).old_at, narrow.longest(rest).old_at);
        EXPECT_EQ(wide.longest(rest).bytes, narrow.longest(rest).bytes);
        EXPECT_EQ(wide_parts.longest(rest).old_at, parts.longest(rest).old_at);
    }
}

TEST(SuffixIndex, FindsTheLongestMatchInManyBytes) {
    // enough for the table of first ranks, and with byte pairs that do not occur
    Random random(7);
    Buffer old(70000);
    for (auto& b : old) b = static_cast<std::uint8_t>(random() % 9 * 3);
    const SuffixIndex index(old);
    for (int round = 0; round < 50; ++round) {
        Buffer target(12);
        for (auto& b : target) b = static_cast<std::uint8_t>(random() % 9 * 3);
        target[static_cast<std::size_t>(round % 12)] = static_cast<std::uint8_t>(random());
        const Match found = index.longest(target);
        EXPECT_EQ(found.bytes, longest_by_hand(old, target).bytes);
        EXPECT_TRUE(equal(Bytes(old).subspan(found.old_at, found.bytes), Bytes(target).first(found.bytes)));
    }
}

TEST(SuffixIndex, InPartsGoesOnFromOnePartToTheNext) {
    const Buffer old = delta_testing::code_like(9000, 1, 0);
    for (const IndexShape shape : {IndexShape{2, 1}, IndexShape{2, 2}, IndexShape{5, 4}}) {
        const SuffixIndex index(old, shape);
        for (std::size_t at = 0; at < old.size(); at += shape.stride)
            ASSERT_EQ(index.longest(Bytes(old).subspan(at)).bytes, old.size() - at) << at;
    }
}

TEST(MatchTable, FindsWhatAWholeIndexFindsButForAByteHereAndThere) {
    const auto pair = delta_testing::two_builds(30000, 5);
    const SuffixIndex whole(pair.old_image, {1, 1}), sparse(pair.old_image, {2, 2});
    MatchTable best(whole, pair.new_image), table(sparse, pair.new_image, 64);
    std::size_t shorter = 0;
    for (std::size_t at = 0; at < pair.new_image.size(); ++at) {
        const Match found = table.at(at);
        ASSERT_TRUE(equal(Bytes(pair.old_image).subspan(found.old_at, found.bytes),
                          Bytes(pair.new_image).subspan(at, found.bytes)));
        ASSERT_LE(found.bytes, best.at(at).bytes);
        shorter += found.bytes < best.at(at).bytes;
    }
    EXPECT_LT(shorter, pair.new_image.size() / 25);
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
