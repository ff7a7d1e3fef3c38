#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "filter/chain.hpp"
#include "filter/goertzel.hpp"

namespace app {
namespace {

constexpr std::array<LowPass, 6> all_cutoffs{LowPass::f200th, LowPass::f100th, LowPass::f50th,
                                             LowPass::f20th,  LowPass::f10th,  LowPass::f5th};
constexpr std::array<double, 6> shares{200, 100, 50, 20, 10, 5};

TEST(Biquad, ConstantInputComesOutExactly) {
    for (const LowPass p : all_cutoffs) {
        for (const std::int32_t level : {0, 1, -1, 4000, -30000, 1000000}) {
            Biquad filter(coefficients(p));
            std::int32_t out = 0;
            for (int i = 0; i < 6000; ++i) out = filter.step(level);
            EXPECT_NEAR(out, level, 1) << static_cast<int>(p);
        }
    }
}

TEST(Biquad, FollowsTheSameFilterInFloatingPointToAThousandth) {
    for (const LowPass p : all_cutoffs) {
        const BiquadCoefficients& c = coefficients(p);
        constexpr double one = 1 << 30;
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        Biquad filter(c);
        for (int i = 0; i < 500; ++i) {
            const std::int32_t x = i < 250 ? 20000 : -7000 + (i * 7919) % 301;
            const double y = (c.b0 * static_cast<double>(x) + c.b1 * x1 + c.b2 * x2 - c.a1 * y1 - c.a2 * y2) / one;
            x2 = x1;
            x1 = x;
            y2 = y1;
            y1 = y;
            EXPECT_NEAR(filter.step(x), y, 12.0) << "sample " << i;
        }
    }
}

TEST(Biquad, CutsOffThreeDecibelAtItsFrequency) {
    for (std::size_t i = 2; i < all_cutoffs.size(); ++i) {
        Biquad filter(coefficients(all_cutoffs[i]));
        double squares = 0;
        const int settle = static_cast<int>(shares[i]) * 20;
        for (int n = 0; n < settle * 2; ++n) {
            const double phase = 2 * std::numbers::pi * n / shares[i];
            const std::int32_t y = filter.step(static_cast<std::int32_t>(std::lround(100000 * std::sin(phase))));
            if (n >= settle) squares += static_cast<double>(y) * y;
        }
        EXPECT_NEAR(std::sqrt(2 * squares / settle), 70711, 300) << "1/" << shares[i];
    }
}

TEST(Median, TakesOutASpikeAndKeepsAnEdge) {
    Median median(3);
    const std::vector<std::int32_t> in{5, 5, 900, 5, 5, 50, 50, 50};
    std::vector<std::int32_t> out;
    out.reserve(8);
    for (const std::int32_t v : in) out.push_back(median.step(v));
    EXPECT_EQ(out, (std::vector<std::int32_t>{5, 5, 5, 5, 5, 5, 50, 50}));
}

TEST(MovingAverage, IsTheMeanOfTheWindowAndRoundsBothWays) {
    MovingAverage average(4);
    for (const std::int32_t v : {10, 20, 30}) (void)average.step(v);
    EXPECT_EQ(average.step(41), 25);
    EXPECT_EQ(average.step(100), 48);
    MovingAverage negative(2);
    (void)negative.step(-1);
    EXPECT_EQ(negative.step(-2), -2);
}

constexpr OutlierRule rule{30, 10, 4};

TEST(Outlier, ReplacesASpikeByTheMedian) {
    OutlierFilter filter(rule);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(filter.step(1000 + i % 3), 1000 + i % 3);
    EXPECT_NEAR(filter.step(5000), 1001, 1);
    EXPECT_EQ(filter.rejected(), 1U);
}

TEST(Outlier, BelievesANewLevelAfterItsPatience) {
    OutlierFilter filter(rule);
    for (int i = 0; i < 8; ++i) (void)filter.step(1000);
    std::vector<std::int32_t> out;
    out.reserve(8);
    for (int i = 0; i < 6; ++i) out.push_back(filter.step(2000));
    EXPECT_EQ(out, (std::vector<std::int32_t>{1000, 1000, 1000, 2000, 2000, 2000}));
}

TEST(Goertzel, FindsItsFrequencyAndNoOther) {
    // 2·cos(2π/10) in Q14; blocks of 50.
    Goertzel tuned(26510, 50);
    for (int n = 0; n < 50; ++n) {
        const bool done =
            tuned.step(static_cast<std::int32_t>(std::lround(800 * std::sin(2 * std::numbers::pi * n / 10))));
        EXPECT_EQ(done, n == 49);
    }
    EXPECT_NEAR(tuned.amplitude(), 800, 8);
    for (int n = 0; n < 50; ++n) {
        (void)tuned.step(static_cast<std::int32_t>(std::lround(800 * std::sin(2 * std::numbers::pi * n / 5))));
    }
    EXPECT_LT(tuned.amplitude(), 20U);
}

TEST(FilterChain, FirstSampleSettlesAtOnce) {
    const FilterRecipe recipe{{30, 100, 4}, 3, 4, LowPass::f50th};
    FilterChain chain(recipe);
    EXPECT_EQ(chain.step(-18000), -18000);
    EXPECT_EQ(chain.step(-18000), -18000);
}

}  // namespace
}  // namespace app
