#include "core/delta/sbd/mixer.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::sbd::mixer_test {
namespace {

constexpr std::uint32_t inputs_of_a_test = 4;
constexpr std::int16_t one = 4681;    // in both sets, the weight 1
constexpr double units = 256.0 / 14;  // of a mixed logit in one of a history

History after(int ones, int zeros) {
    History history{};
    for (int i = 0; i < ones; ++i) history.see_one(0);
    for (int i = 0; i < zeros; ++i) history.see_one(0xff);
    return history;
}

struct Mix {
    std::array<History, inputs_of_a_test> histories{};
    Weights<inputs_of_a_test> weights{}, more{};

    /// Asks all histories; input `flipped` is about the opposite.
    [[nodiscard]] Mixer ask(std::uint32_t flipped = inputs_of_a_test) {
        Mixer mixer(inputs_of_a_test);
        for (std::uint32_t k = 0; k < inputs_of_a_test; ++k) mixer.ask(k, histories[k], k == flipped);
        return mixer;
    }
    std::uint32_t mix(std::uint32_t flipped = inputs_of_a_test) {
        return ask(flipped).mix(weights.data(), more.data());
    }
};

std::uint32_t at_logit(double logit) {
    return squash(static_cast<std::int32_t>(logit));
}

TEST(Mixer, AddsWhatItsInputsSay) {
    Mix m;
    m.histories = {after(8, 0), after(0, 3), History{}, after(1, 0)};
    EXPECT_EQ(m.mix(), 32768U);
    m.weights = m.more = {one, 0, 0, 0};
    EXPECT_NEAR(m.mix(), at_logit(m.histories[0].logit(0) * units), 60);
    m.weights = m.more = {one / 2, one / 2, 0, 0};
    EXPECT_NEAR(m.mix(), at_logit((m.histories[0].logit(0) + m.histories[1].logit(0)) / 2.0 * units), 60);
}

TEST(Mixer, CountsTheSumOfBothSets) {
    Mix m;
    m.histories = {after(8, 0), after(0, 3), after(2, 0), after(1, 0)};
    m.weights = {one, 300, 0, -700};
    m.more = {0, 500, one, 700};
    const std::uint32_t mixed = m.mix();
    std::swap(m.weights, m.more);
    EXPECT_EQ(m.mix(), mixed);
    m.weights = {one, 800, one, 0};
    m.more = {};
    EXPECT_EQ(m.mix(), mixed);
}

TEST(Mixer, IsDefinedAtItsBounds) {
    Mix m;
    for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{0xff}}) {
        for (History& history : m.histories)
            for (int i = 0; i < 300; ++i) history.see_one(side);
        for (const std::int16_t weight : {std::int16_t{-32768}, std::int16_t{32767}}) {
            m.weights.fill(weight);
            m.more.fill(weight);
            Mixer asked = m.ask();
            const std::uint32_t p = asked.mix(m.weights.data(), m.more.data());
            EXPECT_TRUE(p == 4 || p == 65532) << p;
            for (const bool bit : {false, true}) asked.learn(m.weights.data(), m.more.data(), bit);
        }
    }
}

TEST(Mixer, LearnsWhomToTrust) {
    std::mt19937 random(9);
    Mix m;
    for (int i = 0; i < 4000; ++i) {
        const bool bit = random() % 2 == 0;
        // the first input knows, the second one says the opposite, the others guess
        const History likely = after(2, 0), unlikely = after(0, 2);
        m.histories = {bit ? likely : unlikely, bit ? unlikely : likely, random() % 2 == 0 ? likely : unlikely,
                       random() % 2 == 0 ? likely : unlikely};
        Mixer asked = m.ask();
        static_cast<void>(asked.mix(m.weights.data(), m.more.data()));
        asked.learn(m.weights.data(), m.more.data(), bit);
    }
    EXPECT_GT(m.weights[0], one);
    EXPECT_LT(m.weights[1], -one);
    EXPECT_NEAR(m.weights[2], 0, one / 2);
    EXPECT_NEAR(m.weights[3], 0, one / 2);
    EXPECT_EQ(m.more, m.weights);
}

TEST(Mixer, TurnsRoundAnInputThatIsFlipped) {
    Mix m;
    m.histories.fill(after(4, 0));
    m.weights = m.more = {one, 0, one, 0};
    Mixer asked = m.ask(2);
    EXPECT_EQ(asked.mix(m.weights.data(), m.more.data()), 32768U);
    asked.learn(m.weights.data(), m.more.data(), true);
    EXPECT_EQ(m.histories[0].logit(0), after(5, 0).logit(0));
    EXPECT_EQ(m.histories[2].logit(0), after(4, 1).logit(0));
}

}  // namespace
}  // namespace sb::sbd::mixer_test
