#include "filter/outlier.hpp"

#include "base/math.hpp"
#include "filter/median.hpp"

namespace app {

void OutlierFilter::remember(std::int32_t sample) {
    samples_[next_] = sample;
    next_ = (next_ + 1) % window;
    if (count_ < window) ++count_;
}

std::int32_t OutlierFilter::step(std::int32_t sample) {
    if (count_ < window) {
        remember(sample);
        return sample;
    }
    std::array<std::int32_t, window> sorted = samples_;
    const std::int32_t centre = median_of(sorted);
    std::array<std::int32_t, window> deviation{};
    for (std::size_t i = 0; i < window; ++i) deviation[i] = magnitude_of(samples_[i] - centre);
    std::int32_t width = multiply_divide(median_of(deviation), rule_->k_tenths, 10);
    if (width < rule_->least_width) width = rule_->least_width;

    if (magnitude_of(sample - centre) <= width) {
        in_a_row_ = 0;
        remember(sample);
        return sample;
    }
    ++rejected_;
    if (++in_a_row_ < rule_->give_in) return centre;
    in_a_row_ = 0;
    count_ = next_ = 0;  // a new level: what the window knew is history
    remember(sample);
    return sample;
}

}  // namespace app
