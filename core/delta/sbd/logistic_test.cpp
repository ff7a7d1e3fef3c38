#include "core/delta/sbd/logistic.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace sb::sbd::logistic_test {
namespace {

constexpr std::int32_t half = 2048;

double logit_of(std::int32_t lead) {
    const double p = 0.5 + (lead + 0.5) / 4096;
    return 256 * std::log(p / (1 - p));
}

TEST(Stretch, IsTheLogarithmOfTheOdds) {
    for (std::int32_t lead = -half; lead < half; ++lead) {
        // the tables have steps: as wide as a sixteenth of the distance to the nearer end
        const double to_end = lead < 0 ? lead + half + 0.5 : half - lead - 0.5;
        const double step = to_end < 128 ? 0.6 : 256 * 20 / to_end;
        EXPECT_NEAR(stretch(lead), logit_of(lead), step) << lead;
    }
}

TEST(Stretch, GrowsAndMirrors) {
    for (std::int32_t lead = -half; lead < half; ++lead) {
        EXPECT_EQ(stretch(-1 - lead), -stretch(lead)) << lead;
        if (lead != -half) {
            EXPECT_GE(stretch(lead), stretch(lead - 1)) << lead;
        }
        EXPECT_LE(std::abs(stretch(lead)), logit_limit);
    }
}

TEST(Squash, IsTheLogisticFunction) {
    for (std::int32_t logit = -logit_limit - 100; logit <= logit_limit + 100; ++logit) {
        const double p = 65536 / (1 + std::exp(-logit / 256.0));
        // between the entries it is a straight line
        EXPECT_NEAR(squash(logit), std::min(std::max(p, 4.0), 65532.0), 16) << logit;
    }
}

TEST(Squash, GrowsMirrorsAndStaysInItsBounds) {
    for (const std::int32_t logit : {INT32_MIN + 1, -100000, -logit_limit, 0, logit_limit, 100000, INT32_MAX}) {
        EXPECT_GE(squash(logit), 4U) << logit;
        EXPECT_LE(squash(logit), 65532U) << logit;
    }
    for (std::int32_t logit = 1; logit <= logit_limit + 10; ++logit) {
        EXPECT_EQ(squash(logit) + squash(-logit), 65536U) << logit;
        EXPECT_GE(squash(logit), squash(logit - 1)) << logit;
    }
}

TEST(Squash, UndoesStretch) {
    for (std::int32_t lead = -half; lead < half; ++lead) {
        const double expected = (lead + half + 0.5) * 16;
        EXPECT_NEAR(squash(stretch(lead)), expected, std::max(40.0, std::min(expected, 65536 - expected) / 8)) << lead;
    }
}

}  // namespace
}  // namespace sb::sbd::logistic_test
