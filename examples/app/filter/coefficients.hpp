// The low-pass sections that the channels choose from: Butterworth, second order, cut-off as a share of the
// sampling rate, unity gain at zero. Made by scripts/tables.py (bilinear transform).
#pragma once

#include "filter/biquad.hpp"

namespace app {

enum class LowPass : std::uint8_t { f200th, f100th, f50th, f20th, f10th, f5th };

[[nodiscard]] const BiquadCoefficients& coefficients(LowPass p);

}  // namespace app
