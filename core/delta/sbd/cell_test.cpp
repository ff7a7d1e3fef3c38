#include "core/delta/sbd/cell.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::sbd::cell_test {
namespace {

Cell trained(bool bit, int times, std::int32_t limit, Dither& dither) {
    Cell cell{};
    for (int i = 0; i < times; ++i) cell.adapt(bit, limit, dither.next());
    return cell;
}

TEST(Cell, BeginsAtEvenOdds) {
    const Cell cell{};
    EXPECT_NEAR(cell.probability(), 32768, 16);
    EXPECT_NEAR(cell.logit(), 0, 4);
}

TEST(Cell, GoesHalfwayTowardsTheFirstBit) {
    Dither dither{};
    EXPECT_NEAR(trained(true, 1, 12, dither).probability(), 49152, 40);
    EXPECT_NEAR(trained(false, 1, 12, dither).probability(), 16384, 40);
}

TEST(Cell, NeverReachesCertainty) {
    Dither dither{};
    for (const bool bit : {false, true}) {
        for (const std::int32_t limit : {11, 12, 14, 15}) {
            Cell cell{};
            for (int i = 0; i < 5000; ++i) {
                cell.adapt(bit, limit, dither.next());
                ASSERT_GT(cell.probability(), 0U);
                ASSERT_LT(cell.probability(), 65536U);
            }
            EXPECT_GT(bit ? cell.probability() : 65536 - cell.probability(), 65000U);
        }
    }
}

TEST(Cell, FindsTheShareOfOnes) {
    std::mt19937 random(3);
    for (const double share : {0.02, 0.3, 0.5, 0.9}) {
        Dither dither{};
        Cell cell{};
        std::bernoulli_distribution one(share);
        double sum = 0;
        constexpr int rounds = 20000;
        for (int i = 0; i < rounds; ++i) {
            cell.adapt(one(random), 12, dither.next());
            sum += cell.probability();
        }
        EXPECT_NEAR(sum / rounds / 65536, share, 0.02) << share;
    }
}

TEST(Cell, MovesSlowerTheOftenerItWasUsed) {
    Dither dither{};
    Cell fresh{}, used{};
    for (int i = 0; i < 40; ++i) used.adapt(i % 2 == 0, 15, dither.next());
    const auto fresh_before = fresh.probability(), used_before = used.probability();
    fresh.adapt(true, 15, dither.next());
    used.adapt(true, 15, dither.next());
    EXPECT_GT(fresh.probability() - fresh_before, 4 * (used.probability() - used_before));
}

TEST(Dither, IsSpreadEvenlyAndTheSameOnBothSides) {
    Dither one{}, other{};
    std::array<int, 16> count{};
    for (int i = 0; i < 16000; ++i) {
        const std::uint32_t value = one.next();
        ASSERT_EQ(value, other.next());
        ASSERT_LT(value, 65536U);
        ++count[value >> 12];
    }
    for (const int n : count) EXPECT_NEAR(n, 1000, 150);
}

}  // namespace
}  // namespace sb::sbd::cell_test
