// core/delta/sbd: between probabilities and their logits. Predictions are mixed as logits (in 1/256 nat), adapted and
// coded as probabilities.
#pragma once

#include <cstdint>

namespace sb::sbd {

/// Logits stay within ± this (12 nat).
inline constexpr std::int32_t logit_limit = 3071;

/// ln(p / (1 - p)) in 1/256, for p = 1/2 + (lead + 1/2) / 4096; -2048 <= lead < 2048.
[[nodiscard]] std::int32_t stretch(std::int32_t lead);

/// 65536 / (1 + exp(-logit / 256)), within [4, 65532].
[[nodiscard]] std::uint32_t squash(std::int32_t logit);

}  // namespace sb::sbd
