#include "core/delta/sbd/logistic.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace sb::sbd::logistic_test {
namespace {

TEST(Squash, IsTheLogisticFunction) {
    for (std::int32_t logit = -logit_limit - 100; logit <= logit_limit + 100; ++logit) {
        const double p = 65536 / (1 + std::exp(-logit / 256.0));
        // Between the entries, a quarter nat apart, it is a straight line: h^2 / 8 times the steepest second
        // derivative.
        EXPECT_NEAR(squash(logit), std::min(std::max(p, 4.0), 65532.0), 65536 * 0.0963 / 16 / 8 + 2) << logit;
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

}  // namespace
}  // namespace sb::sbd::logistic_test
