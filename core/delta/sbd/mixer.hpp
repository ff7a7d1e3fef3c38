// core/delta/sbd: several opinions on one bit, weighed. The logits of the inputs are summed with weights that learn
// from every bit which inputs to trust; a weight set is chosen by context.
#pragma once

#include <cstddef>

#include "core/delta/sbd/cell.hpp"

namespace sb::sbd {

/// In 1/4096; within ± 8.
template <std::size_t N>
using Weights = std::array<std::int16_t, N>;

/// Up to seven cells that are asked about one bit.
class Mixer {
public:
    static constexpr std::uint32_t most_inputs = 7;

    /// Asks `cell`; `flipped`: it predicts the opposite.
    void add(Cell& cell, bool flipped) {
        cells_[count_] = &cell;
        logits_[count_] = flipped ? -cell.logit() : cell.logit();
        flipped_ |= flipped ? 1U << count_ : 0U;
        ++count_;
    }

    /// Of a 1, in 1/65536, at a logit.
    [[nodiscard]] static std::uint32_t probability(std::int32_t logit) { return squash(logit); }

    /// The weighed sum of the logits.
    [[nodiscard]] std::int32_t mix(const std::int16_t* weights) const;
    /// Moves the weights so that `predicted` (1/65536) comes nearer to `bit`; `rate` in 1/16.
    void learn(std::int16_t* weights, bool bit, std::uint32_t predicted, std::int32_t rate) const;
    /// Moves the cells towards `bit`.
    void adapt(bool bit, std::int32_t limit, std::uint32_t noise) const;

private:
    std::array<Cell*, most_inputs> cells_;
    std::array<std::int32_t, most_inputs> logits_;
    std::uint32_t flipped_ = 0;
    std::uint32_t count_ = 0;
};

}  // namespace sb::sbd
