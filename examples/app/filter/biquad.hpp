// Second-order IIR section in fixed point, direct form I: coefficients in Q2.30, samples in 32 bits, the sum in
// 64 bits. What rounding cut off is carried into the next sample, so a constant input comes out exactly.
#pragma once

#include <cstdint>

namespace app {

/// y = b0·x + b1·x₁ + b2·x₂ − a1·y₁ − a2·y₂, each in Q2.30.
struct BiquadCoefficients {
    std::int32_t b0, b1, b2, a1, a2;
};

class Biquad {
public:
    explicit Biquad(const BiquadCoefficients& c) : c_(&c) {}

    [[nodiscard]] std::int32_t step(std::int32_t x);
    /// Starts as if the input had always been `x`.
    void settle(std::int32_t x);

private:
    const BiquadCoefficients* c_;
    std::int32_t x1_ = 0, x2_ = 0, y1_ = 0, y2_ = 0;
    std::int64_t carried_ = 0;
};

}  // namespace app
