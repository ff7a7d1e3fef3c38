// core/delta/sbd: several opinions on one bit, weighed. The logits of the inputs are summed with weights that learn
// from every bit which inputs to trust. There are two sets of weights, each chosen by a context of its own: what counts
// is their sum.
#pragma once

#include <cstddef>

#include "core/delta/sbd/history.hpp"
#include "core/delta/sbd/logistic.hpp"

namespace sb::sbd {

/// 4681 in both sets is a weight of 1.
template <std::size_t N>
using Weights = std::array<std::int16_t, N>;

/// Up to five histories that are asked about one bit. On small parts this is where decoding spends its time; its loops
/// count down to 0 for them.
class Mixer {
public:
    static constexpr std::uint32_t most_inputs = 5;

    explicit Mixer(std::uint32_t inputs) : count_(inputs) {}

    /// Input `k` is `history`; `flipped`: it is about the opposite of the bit.
    void ask(std::uint32_t k, History& history, bool flipped) {
        histories_[k] = &history;
        flips_[k] = flipped ? 0xff : 0;
    }

    /// The probability of a 1, in 1/65536, by two sets of weights, one for each input.
    [[nodiscard]] std::uint32_t mix(const std::int16_t* weights, const std::int16_t* more_weights);
    /// Moves both sets so that what was answered comes nearer to `bit`, and tells the histories.
    void learn(std::int16_t* weights, std::int16_t* more_weights, bool bit);

private:
    std::array<History*, most_inputs> histories_;
    std::array<std::int16_t, most_inputs> logits_;
    std::array<std::uint8_t, most_inputs> flips_;
    std::uint32_t count_;
    std::uint32_t mixed_ = 0;
};

inline std::uint32_t Mixer::mix(const std::int16_t* weights, const std::int16_t* more_weights) {
    std::int32_t sum = 0;
    std::uint32_t k = count_ - 1;
    do {
        const std::int32_t logit = histories_[k]->logit(flips_[k]);
        logits_[k] = static_cast<std::int16_t>(logit);
        sum += (weights[k] + more_weights[k]) * logit;
    } while (k-- != 0);
    return mixed_ = squash(sum >> 9);
}

inline void Mixer::learn(std::int16_t* weights, std::int16_t* more_weights, bool bit) {
    const std::int32_t error = (bit ? 65536 : 0) - static_cast<std::int32_t>(mixed_);
    std::uint32_t k = count_ - 1;
    do {
        const std::int32_t step = (logits_[k] * error + (1 << 13)) >> 14;
        weights[k] = static_cast<std::int16_t>(weights[k] + step);
        more_weights[k] = static_cast<std::int16_t>(more_weights[k] + step);
    } while (k-- != 0);
    const std::uint32_t to_zero = bit ? 0 : 0xff;
    k = count_ - 1;
    do histories_[k]->see_one(flips_[k] ^ to_zero);
    while (k-- != 0);
}

}  // namespace sb::sbd
