#include "tools/diff/select_covers.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/choose_covers.hpp"
#include "tools/diff/parallel.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::two_builds;

constexpr FlatPrices flat{7, 0.8, 1.2, 0.03};

Buffer noise(std::size_t bytes, std::uint32_t seed) {
    delta_testing::Random random(seed);
    Buffer made(bytes);
    for (auto& b : made) b = static_cast<std::uint8_t>(random());
    return made;
}

Covers select(const Buffer& old, const Buffer& now, const Covers& candidates) {
    return select_covers(old, now, CoverCandidates(old, now, candidates), flat_prices(flat));
}

TEST(SelectCovers, DropsACoverInsideOfAnother) {
    const Buffer old = noise(200, 1);
    EXPECT_EQ(select(old, old, {{0, 0, 200}, {50, 50, 20}}), (Covers{{0, 0, 200}}));
}

TEST(SelectCovers, MergesCoversOnOneDiagonalOverASmallGap) {
    const Buffer old = noise(100, 1);
    Buffer now = old;
    now[50] ^= 1;
    now[51] ^= 1;
    EXPECT_EQ(select(old, now, {{0, 0, 50}, {52, 52, 48}}), (Covers{{0, 0, 100}}));
    for (std::size_t i = 20; i < 80; ++i) now[i] ^= static_cast<std::uint8_t>(i);
    EXPECT_EQ(select(old, now, {{0, 0, 20}, {80, 80, 20}}), (Covers{{0, 0, 20}, {80, 80, 20}}));
}

TEST(SelectCovers, DeletesACoverThatCostsMoreThanItGains) {
    Buffer old = noise(200, 1), now = noise(200, 2);
    for (std::size_t i = 0; i < 6; ++i) now[30 + i] = old[90 + i];
    for (std::size_t i = 0; i < 40; ++i) now[100 + i] = old[20 + i];
    EXPECT_EQ(select(old, now, {{30, 90, 6}, {100, 20, 40}}), (Covers{{100, 20, 40}}));
}

TEST(SelectCovers, ExtendsEndsOverNearMatches) {
    const Buffer old = noise(300, 1);
    Buffer now = noise(300, 2);
    for (std::size_t i = 0; i < 100; ++i) now[100 + i] = old[100 + i];
    now[110] ^= 1;
    now[190] ^= 1;
    EXPECT_EQ(select(old, now, {{120, 120, 60}}), (Covers{{100, 100, 100}}));
}

TEST(SelectCovers, StaysOnADiagonalWhereAnotherOneIsOnlyALittleBetter) {
    const Buffer old = noise(400, 1);
    Buffer now = old;
    for (std::size_t i = 0; i < 12; ++i) now[200 + i] = old[20 + i];
    now[204] = old[204];  // of the hop, 11 bytes agree; without it, 11 differ
    const Covers both = select(old, now, {{0, 0, 400}, {200, 20, 12}});
    ASSERT_EQ(both.size(), 1U);
    Buffer longer = old;
    for (std::size_t i = 0; i < 60; ++i) longer[200 + i] = old[20 + i];
    EXPECT_EQ(select(old, longer, {{0, 0, 400}, {200, 20, 60}}), (Covers{{0, 0, 200}, {200, 20, 60}, {260, 260, 140}}));
}

/// Sum over every way to take or leave each candidate whole.
double cheapest_subset(Bytes old, Bytes now, const Covers& candidates, const CoverPrices& prices) {
    double best = 1e9;
    for (unsigned set = 0; set < 1U << candidates.size(); ++set) {
        Covers covers;
        bool overlap = false;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if ((set >> i & 1) == 0) continue;
            overlap = overlap || (!covers.empty() && covers.back().new_end() > candidates[i].new_at);
            covers.push_back(candidates[i]);
        }
        if (!overlap) best = std::min(best, cost_of(old, now, covers, prices));
    }
    return best;
}

TEST(SelectCovers, IsNeverDearerThanAnySubsetOfTheCandidates) {
    for (std::uint32_t seed = 1; seed < 30; ++seed) {
        const auto pair = two_builds(1500, seed);
        const SuffixIndex index(pair.old_image);
        MatchTable matches(index, pair.new_image);
        Covers candidates = find_covers(pair.old_image, pair.new_image, matches, {4});
        if (candidates.size() > 10) candidates.resize(10);
        const CoverPrices prices = flat_prices(flat);
        const CoverCandidates open(pair.old_image, pair.new_image, candidates);
        const Covers chosen = select_covers(pair.old_image, pair.new_image, open, prices);
        EXPECT_LE(cost_of(pair.old_image, pair.new_image, chosen, prices),
                  cheapest_subset(pair.old_image, pair.new_image, candidates, prices) + 1e-3)
            << seed;
    }
}

TEST(SelectCovers, StayInOrderAndInsideBothImages) {
    for (std::uint32_t seed = 1; seed < 5; ++seed) {
        const auto pair = two_builds(9000, seed);
        const Covers covers = choose_covers(pair.old_image, pair.new_image, {});
        std::size_t end = 0;
        for (const Cover& c : covers) {
            EXPECT_GE(c.new_at, end);
            EXPECT_GT(c.bytes, 0U);
            EXPECT_LE(c.old_end(), pair.old_image.size());
            end = c.new_end();
        }
        EXPECT_LE(end, pair.new_image.size());
        EXPECT_GT(covers.size(), 2U);
    }
}

TEST(MeasuredPrices, MakeWhatIsFrequentCheap) {
    Buffer old = noise(4000, 1), now = old;
    for (std::size_t i = 0; i < 4000; i += 10) now[i] = static_cast<std::uint8_t>(now[i] + 7);
    const CoverPrices prices = measured_prices(old, now, {{0, 0, 4000}}, {});
    EXPECT_LT(prices.behind_same[0], 0.05F);
    EXPECT_LT(prices.behind_same[7], 0.6F);
    EXPECT_GT(prices.behind_same[8], 1.2F);
}

TEST(ChooseCovers, KeepsWhatPacksBest) {
    const auto pair = two_builds(9000, 3);
    std::size_t best = ~std::size_t{0};
    CoverRequest request;
    request.threads = 1;
    // a format that likes covers that begin at odd places
    const auto odd = [](const Covers& covers) {
        return 1000 - static_cast<std::size_t>(
                          std::ranges::count_if(covers, [](const Cover& c) { return c.new_at % 2 != 0; }));
    };
    request.packed_bytes = [&](const Covers& covers) {
        best = std::min(best, odd(covers));
        return odd(covers);
    };
    EXPECT_EQ(odd(choose_covers(pair.old_image, pair.new_image, request)), best);
}

TEST(ChooseCovers, LeavesOutWhatIsShorterThanAskedFor) {
    const auto pair = two_builds(9000, 3);
    CoverRequest request;
    const auto shortest = [&] {
        return std::ranges::min(choose_covers(pair.old_image, pair.new_image, request), {}, &Cover::bytes).bytes;
    };
    EXPECT_LT(shortest(), 1000U);
    request.min_bytes = 1000;
    EXPECT_GE(shortest(), 1000U);
    request.packed_bytes = [](const Covers& covers) { return 1000 - covers.size(); };
    EXPECT_GE(shortest(), 1000U);
}

TEST(ChooseCovers, DoesNotDependOnTheNumberOfThreads) {
    for (const std::size_t bytes : {9000U, 300000U}) {
        const auto pair = two_builds(bytes, 3);
        Covers covers[3];
        for (unsigned threads = 1; threads <= 3; ++threads) {
            CoverRequest request;
            request.threads = threads;
            request.packed_bytes = [&](const Covers& c) {
                return static_cast<std::size_t>(cost_of(pair.old_image, pair.new_image, c, flat_prices(flat)));
            };
            covers[threads - 1] = choose_covers(pair.old_image, pair.new_image, request);
        }
        EXPECT_EQ(covers[0], covers[1]);
        EXPECT_EQ(covers[0], covers[2]);
        EXPECT_FALSE(covers[0].empty());
    }
}

TEST(Parallel, DoesEachTaskOnceAndRethrowsTheFirstError) {
    for (const unsigned threads : {1U, 2U, 5U}) {
        std::vector<int> done(100);
        run_parallel(100, threads, [&](std::size_t i) { ++done[i]; });
        EXPECT_EQ(done, std::vector<int>(100, 1));
        EXPECT_THROW(run_parallel(10, threads,
                                  [](std::size_t i) {
                                      if (i == 3) throw std::out_of_range("3");
                                      if (i > 3) throw std::runtime_error("later");
                                  }),
                     std::out_of_range);
    }
}

}  // namespace
}  // namespace sb::diff
