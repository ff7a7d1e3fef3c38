#include "filter/biquad.hpp"

namespace app {

std::int32_t Biquad::step(std::int32_t x) {
    std::int64_t sum = carried_;
    sum += static_cast<std::int64_t>(c_->b0) * x;
    sum += static_cast<std::int64_t>(c_->b1) * x1_;
    sum += static_cast<std::int64_t>(c_->b2) * x2_;
    sum -= static_cast<std::int64_t>(c_->a1) * y1_;
    sum -= static_cast<std::int64_t>(c_->a2) * y2_;
    const std::int32_t y = static_cast<std::int32_t>(sum >> 30);
    carried_ = sum - (static_cast<std::int64_t>(y) << 30);
    x2_ = x1_;
    x1_ = x;
    y2_ = y1_;
    y1_ = y;
    return y;
}

void Biquad::settle(std::int32_t x) {
    x1_ = x2_ = y1_ = y2_ = x;
    carried_ = 0;
}

}  // namespace app
