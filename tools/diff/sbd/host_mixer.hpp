// tools/diff/sbd: core's Mixer (core/delta/sbd/mixer.hpp) for hosts: the same numbers, out of whole tables and in the
// caller's own code, where a device has small tables and one function for all numbers of inputs.
#pragma once

#include "core/delta/sbd/mixer.hpp"

namespace sb::diff {

struct HostLogistic {
    HostLogistic();
    std::array<std::int16_t, 4096> logit_of;  ///< by lead + 2048
    std::array<std::uint16_t, 2 * sbd::logit_limit + 1> probability_of;
};
extern const HostLogistic host_logistic;

class HostMixer {
public:
    void add(sbd::Cell& cell, bool flipped) {
        const std::int32_t logit = host_logistic.logit_of[cell.probability() >> 4];
        cells_[count_] = &cell;
        flipped_[count_] = flipped;
        logits_[count_] = flipped ? -logit : logit;
        ++count_;
    }

    [[nodiscard]] static std::uint32_t probability(std::int32_t logit) {
        return host_logistic.probability_of[static_cast<std::size_t>(
            sbd::within(logit, -sbd::logit_limit, sbd::logit_limit) + sbd::logit_limit)];
    }

    [[nodiscard]] std::int32_t mix(const std::int16_t* weights) const {
        std::int32_t sum = 0;
        for (std::uint32_t k = 0; k < count_; ++k) sum += weights[k] * logits_[k];
        return sum >> 12;
    }
    void learn(std::int16_t* weights, bool bit, std::uint32_t predicted, std::int32_t rate) const {
        const std::int32_t error = (bit ? 65536 : 0) - static_cast<std::int32_t>(predicted);
        for (std::uint32_t k = 0; k < count_; ++k) {
            const std::int32_t step = (((logits_[k] * error) >> 10) * rate + (1 << 11)) >> 12;
            weights[k] = static_cast<std::int16_t>(sbd::within(weights[k] + step, -32768, 32767));
        }
    }
    void adapt(bool bit, std::int32_t limit, std::uint32_t noise) const {
        for (std::uint32_t k = 0; k < count_; ++k) cells_[k]->adapt(bit != flipped_[k], limit, noise);
    }

private:
    std::array<sbd::Cell*, sbd::Mixer::most_inputs> cells_;
    std::array<std::int32_t, sbd::Mixer::most_inputs> logits_;
    std::array<bool, sbd::Mixer::most_inputs> flipped_;
    std::uint32_t count_ = 0;
};

}  // namespace sb::diff
