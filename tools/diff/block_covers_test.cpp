#include "tools/diff/block_covers.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/spill_file.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::code_like;
using delta_testing::Pair;
using delta_testing::Random;
using delta_testing::two_builds;

Buffer noise(std::size_t bytes, std::uint32_t seed) {
    Random random(seed);
    Buffer made(bytes);
    for (auto& b : made) b = static_cast<std::uint8_t>(random());
    return made;
}

TEST(RollingHash, IsThatOfTheWindowWhereverItCameFrom) {
    const Buffer bytes = noise(300, 1);
    RollingHash rolled(32);
    rolled.start(Bytes(bytes).first(32));
    for (std::size_t at = 0; at + 33 <= bytes.size(); ++at) {
        rolled.roll(bytes[at], bytes[at + 32]);
        RollingHash fresh(32);
        fresh.start(Bytes(bytes).subspan(at + 1, 32));
        EXPECT_EQ(rolled.value(), fresh.value());
    }
}

TEST(RollingIndex, FindsEachBlockAndTakesNoMoreThanItMay) {
    const Buffer bytes = noise(100000, 1);
    for (const std::size_t table : {1000U, 20000U, 1U << 20}) {
        MemoryReader reader{bytes};
        const RollingIndex index(reader, table, {});
        const std::size_t size = index.block_bytes();
        EXPECT_GE(size, 32U);
        EXPECT_LE(bytes.size() / size * 6, table);
        std::size_t found = 0, blocks = 0;
        RollingHash hash(size);
        for (std::size_t at = 0; at + size <= bytes.size(); at += size, ++blocks) {
            hash.start(Bytes(bytes).subspan(at, size));
            found += index.find(hash.value()) == at;
        }
        EXPECT_GT(found * 100, blocks * 95);
    }
}

/// The new image as covers and what is between them say; and what the covers are.
struct Made {
    Buffer image;
    std::size_t covered = 0, covers = 0, unchanged = 0;
};

Made cover(const Pair& pair, const BlockLimits& limits) {
    MemoryReader old{pair.old_image}, now{pair.new_image};
    BlockRequest request;
    request.limits = limits;
    Made made;
    cover_blocks(old, now, request, [&](const CoveredBlock& block) {
        EXPECT_EQ(block.from, made.image.size());
        Buffer image(block.image.begin(), block.image.end());
        std::size_t end = block.from;
        for (const auto& part : block.parts) {
            EXPECT_GE(part.cover.new_at, end);
            end = part.cover.new_end();
            EXPECT_EQ(part.old.size(), part.cover.bytes);
            EXPECT_TRUE(equal(part.old, Bytes(pair.old_image).subspan(part.cover.old_at, part.cover.bytes)));
            for (std::size_t i = 0; i < part.cover.bytes; ++i)
                made.unchanged += part.old[i] == block.image[part.cover.new_at - block.from + i];
            made.covered += part.cover.bytes;
            ++made.covers;
        }
        EXPECT_LE(end, block.from + image.size());
        made.image.insert(made.image.end(), image.begin(), image.end());
    });
    return made;
}

constexpr BlockLimits small_blocks{2000, 20000, 6000};

TEST(BlockCovers, StandWhereTheySayWhateverTheImages) {
    const Pair builds = two_builds(60000, 5);
    const Pair pairs[] = {builds,
                          {builds.new_image, builds.old_image},
                          {builds.old_image, builds.old_image},
                          {{}, {1, 2, 3}},
                          {{1, 2, 3}, {}},
                          {{}, {}},
                          {{7}, {7}},
                          {noise(30000, 1), noise(30000, 2)},
                          {Buffer(50000), Buffer(30000)}};
    for (const Pair& pair : pairs) EXPECT_EQ(cover(pair, small_blocks).image, pair.new_image);
}

TEST(BlockCovers, OfAnUnchangedImageAreTheImage) {
    const Buffer image = noise(60000, 1);
    const Made made = cover({image, image}, small_blocks);
    EXPECT_EQ(made.unchanged, image.size());
    EXPECT_EQ(made.covers, 10U);  // one a block
}

TEST(BlockCovers, FollowWhatMovedFarAwayAndSmallChanges) {
    const Buffer old = noise(100000, 1);
    Buffer now(old.begin() + 60000, old.end());
    now.insert(now.end(), old.begin(), old.begin() + 60000);
    for (std::size_t at = 500; at < now.size(); at += 1000) now[at] ^= 1;
    const Made made = cover({old, now}, {20000, 20000, 6000});
    EXPECT_GT(made.covered, now.size() * 97 / 100);
    EXPECT_LT(made.covers, 60U);
}

TEST(BlockCovers, FindNearMatchesWhereNoLongStretchIsEqual) {
    const Buffer old = code_like(60000, 3, 0x08000000);
    Buffer now = old;
    for (std::size_t at = 0; at + 4 < now.size(); at += 20) now[at] = static_cast<std::uint8_t>(now[at] + 1);
    const Made made = cover({old, now}, {2000, 40000, 6000});
    EXPECT_GT(made.covered, now.size() * 9 / 10);
}

TEST(SpillFile, GivesBackWhatWasWritten) {
    SpillFile file;
    const Buffer first = noise(70000, 1), second = noise(10, 2);
    file.write(first);
    file.write(second);
    ASSERT_EQ(file.bytes(), 70010U);
    Buffer back(20);
    ASSERT_TRUE(file.read(69990, back).has_value());
    EXPECT_TRUE(equal(Bytes(back).first(10), Bytes(first).last(10)));
    EXPECT_TRUE(equal(Bytes(back).last(10), second));
    EXPECT_EQ(file.read(70000, back).error(), Error::out_of_range);
}

}  // namespace
}  // namespace sb::diff
