#include "tools/diff/sbd/load_base.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::diff::load_base_test {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint32_t image_bytes = 0x8000, table_bytes = 0x400, base = 0x08004000;

/// A table of pointers to functions, then code, with a push {lr} at each function; those from `moved_from` on have
/// moved by `moved` bytes.
Buffer program(std::uint32_t moved_from, std::uint32_t moved, std::uint32_t pointers) {
    std::mt19937 random(1);
    Buffer image(image_bytes);
    for (auto& byte : image) byte = static_cast<std::uint8_t>(random() % 0xb0);
    for (std::uint32_t k = 0; k < pointers; ++k) {
        std::uint32_t function = table_bytes + (static_cast<std::uint32_t>(random()) % 0x7000 & ~1U);
        if (function >= moved_from) function += moved;
        store_le(MutableBytes(image), k * 4, base + function + 1);
        store_le(MutableBytes(image), function, std::uint16_t{0xb510});
    }
    return image;
}

TEST(LoadBase, IsGuessedFromPointersToFunctions) {
    EXPECT_EQ(guess_base(program(0, 0, 200), sbd::Architecture::thumb), base);
}

TEST(LoadBase, IsNotGuessedFromAlmostNothing) {
    EXPECT_EQ(guess_base(program(0, 0, 3), sbd::Architecture::thumb), 0u);
    EXPECT_EQ(guess_base({}, sbd::Architecture::thumb), 0u);
}

TEST(LoadBase, IsVotedForByWordsThatChangedAsTheirTargetsMoved) {
    const Buffer before = program(0x3000, 0, 200), after = program(0x3000, 0x24, 200);
    const SourceRun runs[] = {{0, 0, 0x3000}, {0x3024, 0x3000, image_bytes - 0x3024}};
    const auto votes = vote_bases(before, after, runs);
    ASSERT_FALSE(votes.empty());
    EXPECT_GT(votes[0].votes, 80u);
    EXPECT_EQ(votes[0].base & ~0x3fffU, base) << "one moved block gives an interval; its roundest base is taken";
    EXPECT_EQ(base_candidates(before, after, runs).size(), votes.size());
}

TEST(LoadBase, IsExactWhereSeveralBlocksMoved) {
    Buffer before(image_bytes), after(image_bytes);
    std::mt19937 random(2);
    std::vector<SourceRun> runs{{0, 0, table_bytes}};
    for (std::uint32_t block = 0; block < 24; ++block) {
        const std::uint32_t old_at = table_bytes + block * 0x400, moved = 4 + 4 * block;
        runs.push_back({old_at + moved, old_at, 0x300});
        for (std::uint32_t k = 0; k < 8; ++k) {
            const std::uint32_t target = old_at + (static_cast<std::uint32_t>(random()) % 0x300 & ~1U);
            store_le(MutableBytes(before), (block * 8 + k) * 4, base + target + 1);
            store_le(MutableBytes(after), (block * 8 + k) * 4, base + target + moved + 1);
        }
    }
    const auto bases = base_candidates(before, after, runs);
    ASSERT_FALSE(bases.empty());
    EXPECT_EQ(bases.front(), base);
}

TEST(LoadBase, IsNotVotedForByFew) {
    const Buffer before = program(0x3000, 0, 12), after = program(0x3000, 0x24, 12);
    const SourceRun runs[] = {{0, 0, 0x3000}, {0x3024, 0x3000, image_bytes - 0x3024}};
    EXPECT_TRUE(vote_bases(before, after, runs).empty());
}

TEST(LoadBase, IsNotLookedForOutsideOfTheImages) {
    const Buffer image(64);
    const SourceRun runs[] = {{0, 0, 64}, {64, 0xfffffff0, 64}, {0xffffff00, 4, 0x200}};
    EXPECT_TRUE(vote_bases(image, image, runs).empty());
}

}  // namespace
}  // namespace sb::diff::load_base_test
