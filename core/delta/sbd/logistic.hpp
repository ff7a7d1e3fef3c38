// core/delta/sbd: predictions are mixed as logits, and coded as probabilities.
#pragma once

#include <array>
#include <cstdint>

namespace sb::sbd {

/// Beyond ± this (12 nat) a logit gives no other probability.
inline constexpr std::int32_t logit_limit = 3071;

/// 65536 / (1 + exp(-logit / 256)) at each logit that is a multiple of 64, from 0 on.
extern const std::array<std::uint16_t, 50> probabilities;

/// 65536 / (1 + exp(-logit / 256)), within [4, 65532].
[[nodiscard]] inline std::uint32_t squash(std::int32_t logit) {
    const bool negative = logit < 0;
    auto distance = static_cast<std::uint32_t>(negative ? -logit : logit);
    if (distance > static_cast<std::uint32_t>(logit_limit)) distance = static_cast<std::uint32_t>(logit_limit);
    const std::uint32_t at = distance / 64, beyond = distance % 64;
    std::uint32_t p = (probabilities[at] * (64 - beyond) + probabilities[at + 1] * beyond) / 64;
    if (p > 65532) p = 65532;
    return negative ? 65536 - p : p;
}

}  // namespace sb::sbd
