// Mean of the last N samples by a running sum: one addition and one subtraction a sample, no drift.
#pragma once

#include <array>
#include <cstdint>

namespace app {

class MovingAverage {
public:
    static constexpr std::size_t max_window = 16;

    explicit MovingAverage(std::size_t window = 4) : window_(window) {}

    /// Takes a sample in and gives the mean of what the window holds so far, rounded to nearest.
    [[nodiscard]] std::int32_t step(std::int32_t sample);
    void reset();

private:
    std::array<std::int32_t, max_window> samples_{};
    std::int64_t sum_ = 0;
    std::size_t window_;
    std::size_t count_ = 0;
    std::size_t next_ = 0;
};

}  // namespace app
