#include "core/delta/sbd/mixer.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::sbd::mixer_test {
namespace {

constexpr std::size_t inputs_of_a_test = 4;

struct Mix {
    std::array<Cell, inputs_of_a_test> cells{};
    Weights<inputs_of_a_test> weights{};

    /// Asks all cells; input `flipped` predicts the opposite.
    [[nodiscard]] Mixer ask(std::size_t flipped = inputs_of_a_test) {
        Mixer mixer;
        for (std::size_t k = 0; k < cells.size(); ++k) mixer.add(cells[k], k == flipped);
        return mixer;
    }
};

TEST(Mixer, AddsWhatItsInputsSay) {
    Mix m;
    m.cells = {Cell(1000, 3), Cell(-500, 3), Cell(0, 0), Cell(2000, 3)};
    const Mixer asked = m.ask();
    EXPECT_EQ(asked.mix(m.weights.data()), 0);
    m.weights = {4096, 0, 0, 0};
    EXPECT_EQ(asked.mix(m.weights.data()), m.cells[0].logit());
    m.weights = {2048, 2048, 0, 0};
    EXPECT_NEAR(asked.mix(m.weights.data()), (m.cells[0].logit() + m.cells[1].logit()) / 2, 1);
}

TEST(Mixer, HasNoOverflowAtItsBounds) {
    Mix m;
    for (const std::int32_t lead : {-2048, 2047}) {
        m.cells.fill(Cell(lead, 15));
        const Mixer asked = m.ask();
        for (const std::int16_t weight : {std::int16_t{-32768}, std::int16_t{32767}}) {
            m.weights.fill(weight);
            const std::int64_t exact = std::int64_t{weight} * m.cells[0].logit() * 4 >> 12;
            EXPECT_EQ(asked.mix(m.weights.data()), exact);
            for (const bool bit : {false, true})
                for (const std::uint32_t p : {4U, 65532U}) asked.learn(m.weights.data(), bit, p, 12);
        }
    }
}

TEST(Mixer, LearnsWhomToTrust) {
    std::mt19937 random(9);
    Mix m;
    for (int i = 0; i < 4000; ++i) {
        const bool bit = random() % 2 == 0;
        // the first input knows, the second one says the opposite, the others guess
        m.cells[0] = Cell(bit ? 800 : -800, 3);
        m.cells[1] = Cell(bit ? -800 : 800, 3);
        m.cells[2] = Cell(random() % 2 == 0 ? 800 : -800, 3);
        m.cells[3] = Cell(random() % 2 == 0 ? 800 : -800, 3);
        const Mixer asked = m.ask();
        asked.learn(m.weights.data(), bit, squash(asked.mix(m.weights.data())), 12);
    }
    EXPECT_GT(m.weights[0], 4096);
    EXPECT_LT(m.weights[1], -4096);
    EXPECT_NEAR(m.weights[2], 0, 2048);
    EXPECT_NEAR(m.weights[3], 0, 2048);
}

TEST(Mixer, TurnsRoundAnInputThatIsFlipped) {
    Mix m;
    m.cells.fill(Cell(1000, 3));
    const Mixer asked = m.ask(2);
    m.weights = {4096, 0, 4096, 0};
    EXPECT_EQ(asked.mix(m.weights.data()), 0);
    asked.adapt(true, 12, 32768);
    EXPECT_GT(m.cells[0].probability(), Cell(1000, 3).probability());
    EXPECT_LT(m.cells[2].probability(), Cell(1000, 3).probability());
}

}  // namespace
}  // namespace sb::sbd::mixer_test
