#include "tools/diff/sbd/match_finder.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/delta/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;

Pair few_letters(std::uint32_t seed, std::size_t old_bytes, std::size_t new_bytes) {
    delta_testing::Random random(seed);
    Pair pair{Buffer(old_bytes), Buffer(new_bytes)};
    for (auto* image : {&pair.old_image, &pair.new_image})
        for (auto& byte : *image) byte = static_cast<std::uint8_t>(random() % 3);
    return pair;
}

/// All matches, by diagonal, as the definition has them.
std::map<std::uint32_t, std::uint32_t> matches_by_hand(const Pair& pair, std::uint32_t new_at,
                                                       const MatchLimits& limits) {
    const auto old_bytes = static_cast<std::uint32_t>(pair.old_image.size());
    const auto new_bytes = static_cast<std::uint32_t>(pair.new_image.size());
    std::map<std::uint32_t, std::uint32_t> found;
    for (std::uint32_t source = 0; source < old_bytes + new_at; ++source) {
        const bool in_old = source < old_bytes;
        std::uint32_t n = 0;
        for (; new_at + n < new_bytes; ++n) {
            const std::uint32_t from = source + n;
            if (in_old && (from >= old_bytes || from < limits.visible.lowest_old(new_at + n, new_bytes))) break;
            if ((in_old ? pair.old_image[from] : pair.new_image[from - old_bytes]) != pair.new_image[new_at + n]) break;
        }
        if (n >= limits.min_match) found[source - new_at] = n;
    }
    return found;
}

struct FinderCase {
    const char* name;
    MatchLimits limits;
};

TEST(MatchFinder, FindsAllMatchesThatCanBeRead) {
    const FinderCase cases[] = {{"as usual", {}},
                                {"one byte", {.min_match = 1}},
                                {"sorted with wide offsets", {.wide = true}},
                                {"in place", {.visible = {32, 16, 40}}},
                                {"in place, nothing spare", {.visible = {16, 64, 0}}}};
    for (FinderCase c : cases) {
        c.limits.neighbours = 1000;
        for (const std::uint32_t seed : {1U, 2U}) {
            const Pair pair = few_letters(seed, 90, 120);
            const MatchFinder finder(pair.old_image, pair.new_image, c.limits);
            std::vector<DiagonalMatch> room(1000);
            for (std::uint32_t at = 0; at < pair.new_image.size(); ++at) {
                const std::size_t count = finder.find(at, Matches::all, room);
                std::map<std::uint32_t, std::uint32_t> found;
                for (std::size_t i = 0; i < count; ++i) found[room[i].diagonal] = room[i].bytes;
                EXPECT_EQ(found, matches_by_hand(pair, at, c.limits)) << c.name << ", position " << at;
            }
        }
    }
}

TEST(MatchFinder, TellsTheLongestFirstAndOnlyThoseThatBegin) {
    const Pair pair = few_letters(7, 200, 100);
    const MatchFinder finder(pair.old_image, pair.new_image, {});
    std::vector<DiagonalMatch> all(200), beginning(200);
    for (std::uint32_t at = 1; at < 90; ++at) {
        all.resize(200);
        all.resize(finder.find(at, Matches::all, all));
        beginning.resize(200);
        beginning.resize(finder.find(at, Matches::beginning, beginning));
        EXPECT_TRUE(std::is_sorted(beginning.begin(), beginning.end(),
                                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; }));
        std::size_t begin = 0;
        for (const DiagonalMatch& match : all) {
            const std::uint32_t source = at + match.diagonal;
            begin += source == 0 || source == 200 || finder.text()[source - 1] != pair.new_image[at - 1];
        }
        EXPECT_EQ(beginning.size(), begin);
    }
}

TEST(MatchFinder, KeepsToTheRoomItIsGiven) {
    const Buffer zeros(300);
    const MatchFinder finder(zeros, zeros, {});
    std::vector<DiagonalMatch> room(5);
    EXPECT_EQ(finder.find(200, Matches::all, room), 5U);
    EXPECT_EQ(finder.find(200, Matches::all, {}), 0U);
}

TEST(MatchFinder, IsTheSameForOneThreadAndForTwo) {
    const Pair pair = delta_testing::two_builds(300000, 3);
    const MatchFinder one(pair.old_image, pair.new_image, {}, 1), two(pair.old_image, pair.new_image, {}, 2);
    std::vector<DiagonalMatch> a(50), b(50);
    for (std::uint32_t at = 0; at < pair.new_image.size(); at += 7) {
        const std::size_t count = one.find(at, Matches::all, a);
        ASSERT_EQ(two.find(at, Matches::all, b), count);
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(a[i].diagonal, b[i].diagonal);
            ASSERT_EQ(a[i].bytes, b[i].bytes);
        }
    }
}

struct VisibilityCase {
    Visibility visible;
    std::uint32_t new_at, lowest, next;
};

TEST(Visibility, IsOfWhatLiesBehindTheSegmentInWork) {
    constexpr std::uint32_t new_bytes = 10000;
    const VisibilityCase cases[] = {
        {{}, 5000, 0, new_bytes},             // two slots
        {{1024, 4096, 8192}, 0, 0, 1024},     // the spare part is larger than the first erase unit
        {{1024, 4096, 4096}, 4095, 0, 4096},  // just as large
        {{1024, 4096, 4096}, 4096, 4096, 5120},
        {{1024, 4096, 0}, 1, 4096, 1024},  // erasing for the first segment takes more than it
        {{4096, 4096, 4096}, 9000, 8192, new_bytes},
        {{0x80000000, 4096, 0}, 1, 12288, new_bytes},  // one segment for all
    };
    for (const VisibilityCase& c : cases) {
        EXPECT_EQ(c.visible.lowest_old(c.new_at, new_bytes), c.lowest) << c.new_at;
        EXPECT_EQ(c.visible.next_change(c.new_at, new_bytes), c.next) << c.new_at;
    }
}

}  // namespace
}  // namespace sb::diff
