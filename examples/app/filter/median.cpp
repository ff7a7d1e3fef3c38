#include "filter/median.hpp"

namespace app {

std::int32_t median_of(std::span<std::int32_t> values) {
    // Insertion sort: the windows are small, and it is exact about equal values.
    for (std::size_t i = 1; i < values.size(); ++i) {
        const std::int32_t v = values[i];
        std::size_t at = i;
        while (at > 0 && values[at - 1] > v) {
            values[at] = values[at - 1];
            --at;
        }
        values[at] = v;
    }
    const std::size_t middle = values.size() / 2;
    if (values.size() % 2 == 1) return values[middle];
    const std::int32_t low = values[middle - 1];
    return low + (values[middle] - low) / 2;
}

std::int32_t Median::step(std::int32_t sample) {
    samples_[next_] = sample;
    next_ = (next_ + 1) % window_;
    if (count_ < window_) ++count_;
    std::array<std::int32_t, max_window> sorted = samples_;
    return median_of({sorted.data(), count_});
}

}  // namespace app
