#include "filter/moving_average.hpp"

namespace app {

std::int32_t MovingAverage::step(std::int32_t sample) {
    if (count_ == window_) {
        sum_ -= samples_[next_];
    } else {
        ++count_;
    }
    samples_[next_] = sample;
    sum_ += sample;
    next_ = (next_ + 1) % window_;
    const auto n = static_cast<std::int64_t>(count_);
    return static_cast<std::int32_t>((sum_ + (sum_ < 0 ? -n / 2 : n / 2)) / n);
}

void MovingAverage::reset() {
    sum_ = 0;
    count_ = next_ = 0;
}

}  // namespace app
