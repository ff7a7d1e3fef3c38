#include "core/delta/sbd/cell.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::sbd::cell_test {
namespace {

Cell trained(bool bit, int times) {
    Cell cell{};
    for (int i = 0; i < times; ++i) cell.adapt(bit);
    return cell;
}

TEST(Cell, BeginsAtEvenOdds) {
    EXPECT_NEAR(Cell{}.probability(), 32768, 16);
}

TEST(Cell, GoesHalfwayTowardsTheFirstBit) {
    EXPECT_NEAR(trained(true, 1).probability(), 49152, 40);
    EXPECT_NEAR(trained(false, 1).probability(), 16384, 40);
}

TEST(Cell, NeverReachesCertainty) {
    for (const bool bit : {false, true}) {
        Cell cell{};
        for (int i = 0; i < 5000; ++i) {
            cell.adapt(bit);
            ASSERT_GE(cell.probability(), 64U);
            ASSERT_LE(cell.probability(), 65472U);
        }
        EXPECT_GT(bit ? cell.probability() : 65536 - cell.probability(), 65000U);
    }
}

TEST(Cell, FindsTheShareOfOnes) {
    std::mt19937 random(3);
    for (const double share : {0.02, 0.3, 0.5, 0.9}) {
        Cell cell{};
        std::bernoulli_distribution one(share);
        double sum = 0;
        constexpr int rounds = 20000;
        for (int i = 0; i < rounds; ++i) {
            cell.adapt(one(random));
            sum += cell.probability();
        }
        EXPECT_NEAR(sum / rounds / 65536, share, 0.02) << share;
    }
}

TEST(Cell, MovesSlowerTheOftenerItWasUsed) {
    Cell fresh{}, used{};
    for (int i = 0; i < 40; ++i) used.adapt(i % 2 == 0);
    const auto fresh_before = fresh.probability(), used_before = used.probability();
    fresh.adapt(true);
    used.adapt(true);
    EXPECT_GT(fresh.probability() - fresh_before, 4 * (used.probability() - used_before));
}

}  // namespace
}  // namespace sb::sbd::cell_test
