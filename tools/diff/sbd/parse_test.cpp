#include "tools/diff/sbd/parse.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;

std::vector<SourceRun> parse_of(const Pair& pair, const MatchLimits& limits = {}, const ParseRequest& request = {}) {
    const MatchFinder finder(pair.old_image, pair.new_image, limits, request.threads);
    return parse(finder, request);
}

/// What a decoder asks of the runs.
void expect_decodable(const Pair& pair, std::span<const SourceRun> runs, const Visibility& visible = {}) {
    const auto old_bytes = static_cast<std::uint32_t>(pair.old_image.size());
    const auto new_bytes = static_cast<std::uint32_t>(pair.new_image.size());
    std::uint32_t at = 0;
    for (const SourceRun& run : runs) {
        ASSERT_EQ(run.new_at, at);
        ASSERT_GT(run.bytes, 0U);
        at += run.bytes;
        if (run.source_at >= old_bytes) {
            const bool nothing_there = run.new_at == 0 && run.source_at == old_bytes && run.bytes == 1;
            ASSERT_TRUE(nothing_there || run.source_at - old_bytes < run.new_at) << run.new_at;
            continue;
        }
        ASSERT_LE(run.bytes, old_bytes - run.source_at);
        for (std::uint32_t k = 0; k < run.bytes; ++k)
            ASSERT_GE(run.source_at + k, visible.lowest_old(run.new_at + k, new_bytes)) << run.new_at + k;
    }
    ASSERT_EQ(at, new_bytes);
}

std::size_t misses(const Pair& pair, std::span<const SourceRun> runs) {
    Buffer text = pair.old_image;
    text.insert(text.end(), pair.new_image.begin(), pair.new_image.end());
    std::size_t count = 0;
    for (const SourceRun& run : runs)
        for (std::uint32_t k = 0; k < run.bytes; ++k)
            count += text[run.source_at + k] != pair.new_image[run.new_at + k];
    return count;
}

TEST(Parse, ReadsOnlyWhatIsThere) {
    std::vector<Pair> pairs = delta_testing::awkward_pairs(delta_testing::two_builds(2500, 2));
    pairs.push_back(delta_testing::two_builds(8000, 4));
    const Visibility rules[] = {{}, {1024, 4096, 8192}, {1000, 512, 100}, {256, 256, 0}, {4096, 4096, 100000}};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        for (const Visibility& rule : rules) {
            SCOPED_TRACE(testing::Message() << "pair " << i << ", segments of " << rule.segment_bytes);
            MatchLimits limits;
            limits.visible = rule;
            for (const std::uint32_t window : {1U << 17, 1000U}) {
                ParseRequest request;
                request.limits.window_bytes = window;
                request.limits.overlap_bytes = 300;
                expect_decodable(pairs[i], parse_of(pairs[i], limits, request), rule);
            }
        }
}

TEST(Parse, OfAnImageThatDidNotChangeIsOneRun) {
    const Buffer image = delta_testing::code_like(5000, 1, 0);
    EXPECT_EQ(parse_of({image, image}), (std::vector<SourceRun>{{0, 0, 5000}}));
}

TEST(Parse, OfAPureInsertionIsTwoRunsAndTheBytesPutIn) {
    const Buffer image = delta_testing::code_like(5000, 1, 0);
    Buffer now = image;
    const Buffer added{0xf1, 0xf2, 0xf3, 0xf4, 0xf5};
    now.insert(now.begin() + 2000, added.begin(), added.end());
    const Pair pair{image, now};
    const auto runs = parse_of(pair);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].diagonal(), 0U);
    EXPECT_EQ(runs[1].diagonal(), 0U - 5U);
    EXPECT_EQ(misses(pair, runs), added.size());
}

TEST(Parse, GoesOnBehindWhatWasTakenOut) {
    const Buffer image = delta_testing::code_like(5000, 1, 0);
    Buffer now = image;
    now.erase(now.begin() + 2000, now.begin() + 2100);
    const Pair pair{image, now};
    const auto runs = parse_of(pair);
    EXPECT_EQ(runs.size(), 2U);
    EXPECT_EQ(misses(pair, runs), 0U);
}

TEST(Parse, StaysOnItsDiagonalOverSingleChanges) {
    const Buffer image = delta_testing::code_like(5000, 1, 0);
    Buffer now = image;
    for (std::size_t at = 100; at < now.size(); at += 40) now[at] ^= 0x80;
    EXPECT_EQ(parse_of({image, now}), (std::vector<SourceRun>{{0, 0, 5000}}));
}

TEST(Parse, TakesWhatIsNewASecondTimeFromTheNewImage) {
    delta_testing::Random random(3);
    Buffer added(300);
    for (auto& byte : added) byte = static_cast<std::uint8_t>(random());
    Pair pair{delta_testing::code_like(3000, 1, 0), {}};
    for (int i = 0; i < 2; ++i) pair.new_image.insert(pair.new_image.end(), added.begin(), added.end());
    const auto runs = parse_of(pair);
    EXPECT_EQ(runs.back(), (SourceRun{300, 3000, 300}));
}

TEST(Parse, IsTheSameForOneThreadAndForTwo) {
    const Pair pair = delta_testing::two_builds(40000, 3);
    ParseRequest one, two;
    one.limits.window_bytes = two.limits.window_bytes = 10000;
    one.threads = 1;
    two.threads = 2;
    EXPECT_EQ(parse_of(pair, {}, one), parse_of(pair, {}, two));
}

TEST(Parse, OfWindowsIsNearlyThatOfTheWhole) {
    const Pair pair = delta_testing::two_builds(40000, 3);
    ParseRequest whole, windows;
    windows.limits.window_bytes = 10000;
    windows.limits.overlap_bytes = 2000;
    const auto a = parse_of(pair, {}, whole), b = parse_of(pair, {}, windows);
    EXPECT_LT(b.size(), a.size() * 102 / 100 + 3);
    EXPECT_LT(misses(pair, b), misses(pair, a) * 102 / 100 + 20);
}

/// Takes bytes for predicted that differ in the lowest bit only, as rewritten addresses would be.
class ForgivingOracle final : public HitOracle {
public:
    explicit ForgivingOracle(const Pair& pair) : pair_(pair) {}
    std::uint64_t holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) override {
        EXPECT_LE(bytes, 64U);
        EXPECT_GT(bytes, 0U);
        const bool in_old = source_at < pair_.old_image.size();
        const std::size_t at = in_old ? source_at : source_at - pair_.old_image.size();
        const Buffer& source = in_old ? pair_.old_image : pair_.new_image;
        EXPECT_LE(at + bytes, source.size());
        EXPECT_TRUE(in_old || at < new_at);
        std::uint64_t hits = 0;
        for (std::uint32_t k = 0; k < bytes; ++k)
            hits |= std::uint64_t{(source[at + k] | 1) == (pair_.new_image[new_at + k] | 1)} << k;
        return hits;
    }

private:
    const Pair& pair_;
};

TEST(Parse, BelievesItsOracle) {
    Pair pair{delta_testing::code_like(4000, 1, 0), {}};
    pair.new_image = pair.old_image;
    for (auto& byte : pair.new_image) byte ^= 1;
    ParseRequest request;
    request.make_oracle = [&] { return std::make_unique<ForgivingOracle>(pair); };
    EXPECT_EQ(parse_of(pair, {}, request), (std::vector<SourceRun>{{0, 0, 4000}}));
    EXPECT_GT(parse_of(pair).size(), 1U);
    const Pair builds = delta_testing::two_builds(9000, 5);
    request.make_oracle = [&] { return std::make_unique<ForgivingOracle>(builds); };
    expect_decodable(builds, parse_of(builds, {}, request));
}

TEST(Parse, JumpsToWhereTheMapSaysForLess) {
    // the byte behind the changes stands in many places; the map names one of them
    Pair pair{Buffer(600, 7), Buffer(600, 7)};
    for (std::size_t at = 0; at < 600; ++at) pair.old_image[at] = static_cast<std::uint8_t>(at % 100);
    for (std::size_t at = 0; at < 600; ++at)
        pair.new_image[at] = static_cast<std::uint8_t>(at < 300 ? at % 100 : (at + 50) % 100);
    const MapBlock map[] = {{0, 0, 300}, {300, 250, 300}};
    ParseRequest request;
    request.map = map;
    request.prices.map_jump = 1;
    const auto runs = parse_of(pair, {}, request);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1], (SourceRun{300, 250, 300}));
}

TEST(Parse, IsBetterWithMoreEffort) {
    const Pair pair = delta_testing::two_builds(10000, 4);
    const auto failures = [&](const ParseEffort& effort) {
        ParseRequest request;
        request.limits = effort.limits;
        const auto runs = parse_of(pair, effort.matches, request);
        expect_decodable(pair, runs);
        return misses(pair, runs) + 2 * runs.size();
    };
    const std::size_t fast = failures(fast_parse()), usual = failures({}), wide = failures(wide_parse());
    EXPECT_LE(usual, fast);
    EXPECT_LE(wide, usual);
}

TEST(Parse, FollowsAsManyDiagonalsAsItMay) {
    const Pair pair = delta_testing::two_builds(10000, 4);
    ParseRequest narrow;
    narrow.limits.states = 1;
    narrow.limits.kept = 1;
    const auto few = parse_of(pair, {}, narrow), many = parse_of(pair);
    expect_decodable(pair, few);
    EXPECT_LT(misses(pair, many) + 2 * many.size(), misses(pair, few) + 2 * few.size());
}

}  // namespace
}  // namespace sb::diff
