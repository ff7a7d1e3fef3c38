#include "core/delta/sbd/mixer.hpp"

namespace sb::sbd {

std::int32_t Mixer::mix(const std::int16_t* weights) const {
    std::int32_t sum = 0;
    for (std::uint32_t k = 0; k < count_; ++k) sum += weights[k] * logits_[k];
    return sum >> 12;
}

void Mixer::learn(std::int16_t* weights, bool bit, std::uint32_t predicted, std::int32_t rate) const {
    const std::int32_t error = (bit ? 65536 : 0) - static_cast<std::int32_t>(predicted);
    for (std::uint32_t k = 0; k < count_; ++k) {
        const std::int32_t step = (((logits_[k] * error) >> 10) * rate + (1 << 11)) >> 12;
        weights[k] = static_cast<std::int16_t>(within(weights[k] + step, -32768, 32767));
    }
}

void Mixer::adapt(bool bit, std::int32_t limit, std::uint32_t noise) const {
    for (std::uint32_t k = 0; k < count_; ++k) cells_[k]->adapt(bit != ((flipped_ >> k & 1U) != 0), limit, noise);
}

}  // namespace sb::sbd
