// What a channel's samples pass: outliers out, median of three, moving average, low pass. The recipe says with
// which constants; it lives in flash, the state in RAM.
#pragma once

#include "filter/biquad.hpp"
#include "filter/coefficients.hpp"
#include "filter/median.hpp"
#include "filter/moving_average.hpp"
#include "filter/outlier.hpp"

namespace app {

struct FilterRecipe {
    OutlierRule outlier;
    std::uint8_t median_window;   ///< 1: none
    std::uint8_t average_window;  ///< 1: none
    LowPass low_pass;
};

class FilterChain {
public:
    explicit FilterChain(const FilterRecipe& recipe);

    /// One sample in, one filtered sample out. The first sample settles everything at once.
    [[nodiscard]] std::int32_t step(std::int32_t sample);
    [[nodiscard]] std::uint32_t rejected() const { return outlier_.rejected(); }

private:
    OutlierFilter outlier_;
    Median median_;
    MovingAverage average_;
    Biquad low_pass_;
    bool started_ = false;
};

}  // namespace app
