// core/delta/sbd: several opinions on one bit, weighed. The logits of the inputs are summed with weights that learn
// from every bit which inputs to trust; a weight set is chosen by context.
#pragma once

#include <cstddef>

#include "core/delta/sbd/cell.hpp"

namespace sb::sbd {

/// In 1/4096; within ± 8.
template <std::size_t N>
using Weights = std::array<std::int16_t, N>;

template <std::size_t N>
struct Inputs {
    std::array<Cell*, N> cell;
    std::array<std::int32_t, N> logit;
    std::uint32_t flipped = 0;  ///< bit k: input k predicts the opposite

    void look() {
        for (std::size_t k = 0; k < N; ++k) logit[k] = flipped >> k & 1U ? -cell[k]->logit() : cell[k]->logit();
    }
    void adapt(bool bit, std::int32_t limit, std::uint32_t noise) {
        for (std::size_t k = 0; k < N; ++k) cell[k]->adapt(bit != ((flipped >> k & 1U) != 0), limit, noise);
    }
};

template <std::size_t N>
[[nodiscard]] std::int32_t mix(const Weights<N>& weights, const Inputs<N>& inputs) {
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < N; ++k) sum += weights[k] * inputs.logit[k];
    return sum >> 12;
}

/// Moves the weights so that `predicted` (1/65536) comes nearer to `bit`; `rate` in 1/16.
template <std::size_t N>
void learn(Weights<N>& weights, const Inputs<N>& inputs, bool bit, std::uint32_t predicted, std::int32_t rate) {
    const std::int32_t error = (bit ? 65536 : 0) - static_cast<std::int32_t>(predicted);
    for (std::size_t k = 0; k < N; ++k) {
        const std::int32_t step = (((inputs.logit[k] * error) >> 10) * rate + (1 << 11)) >> 12;
        weights[k] = static_cast<std::int16_t>(within(weights[k] + step, -32768, 32767));
    }
}

}  // namespace sb::sbd
