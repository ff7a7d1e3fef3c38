#include "core/delta/sbd/history.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace sb::sbd::history_test {
namespace {

constexpr double unit = 14;

void see(History& history, bool bit) {
    history.see_one(bit ? 0 : 0xff);
}
double probability(History history) {
    return 1 / (1 + std::exp(-history.logit(0) / unit));
}

TEST(History, BeginsAtEvenOdds) {
    EXPECT_EQ(History{}.logit(0), 0);
}

TEST(History, CountsTheFirstBits) {
    History ones{};
    for (std::uint32_t n = 1; n < History::young_ages; ++n) {
        see(ones, true);
        EXPECT_NEAR(ones.logit(0), unit * std::log((n + 0.5) / 0.5), 1) << n;
    }
    History mixed{};
    for (const bool bit : {true, false, false, true, true}) see(mixed, bit);
    EXPECT_NEAR(mixed.logit(0), unit * std::log(3.5 / 2.5), 1);
    History same_in_another_order{};
    for (const bool bit : {true, true, true, false, false}) see(same_in_another_order, bit);
    EXPECT_EQ(same_in_another_order.logit(0), mixed.logit(0));
}

TEST(History, IsSureSoonWhereAOneIsLikely) {
    History history = History::likely();
    EXPECT_NEAR(probability(history), 0.96, 0.01);
    std::int32_t before = history.logit(0);
    for (int i = 0; i < 40; ++i) {
        see(history, true);
        EXPECT_GE(history.logit(0), before) << i;
        before = history.logit(0);
    }
    EXPECT_GT(probability(history), 0.995);
    History wrong = History::likely();
    see(wrong, false);
    EXPECT_LT(probability(wrong), 0.65) << "a first miss says much";
}

TEST(History, IsTheSameFromBothSides) {
    std::mt19937 random(5);
    for (const double share : {0.03, 0.4, 0.8}) {
        std::bernoulli_distribution one(share);
        History history{}, other{}, flipped{};
        flipped.see_one(0xff);
        see(history, false);
        see(other, true);
        for (int i = 0; i < 3000; ++i) {
            const bool bit = one(random);
            see(history, bit);
            see(other, !bit);
            flipped.see_one(bit ? 0 : 0xff);
            ASSERT_EQ(history.logit(0), -other.logit(0));
            ASSERT_EQ(history.logit(0xff), -history.logit(0));
            ASSERT_EQ(flipped.logit(0), history.logit(0));
        }
    }
}

// Rounding to the grid goes towards the likelier side; what is too sure is what the mixer has weights for.
TEST(History, FindsAboutTheShareOfOnes) {
    std::mt19937 random(3);
    for (const double share : {0.02, 0.3, 0.5, 0.9}) {
        History history{};
        std::bernoulli_distribution one(share);
        double sum = 0;
        constexpr int rounds = 20000;
        for (int i = 0; i < rounds; ++i) {
            see(history, one(random));
            sum += probability(history);
        }
        EXPECT_NEAR(sum / rounds, share, 0.09) << share;
        EXPECT_GE(std::abs(sum / rounds - 0.5), std::abs(share - 0.5) - 0.01) << share;
    }
}

TEST(History, MovesLessTheMoreItHasSeen) {
    History young{}, old{};
    for (int i = 0; i < 60; ++i) see(old, i % 2 == 0);
    const double young_before = probability(young), old_before = probability(old);
    see(young, true);
    see(old, true);
    EXPECT_GT(probability(young) - young_before, 4 * (probability(old) - old_before));
}

TEST(History, EndsNearCertaintyAndComesBack) {
    History history{};
    for (int i = 0; i < 1000; ++i) see(history, true);
    EXPECT_GT(probability(history), 0.9995);
    for (int i = 0; i < 40; ++i) see(history, false);
    EXPECT_LT(probability(history), 0.1);
}

}  // namespace
}  // namespace sb::sbd::history_test
