// Speed of the evaporator fan: a PI controller on the distance between air and set point, with a floor while
// the compressor runs, a limited rate of change, and an integral that stops when the output is at its end.
#pragma once

#include <cstdint>

#include "sensors/thermistor.hpp"

namespace app {

struct FanSettings {
    std::int32_t gain = 12;  ///< percent a degree
    std::int32_t integral_seconds = 180;
    std::int32_t least_percent = 30;  ///< while the compressor runs
    std::int32_t slew_percent = 5;    ///< a second
};

class Fan {
public:
    /// Lets one second pass; gives the speed in percent. Off at once when `blocked`.
    std::int32_t step(Millidegrees error, bool compressor, bool blocked, const FanSettings& settings);
    [[nodiscard]] std::int32_t percent() const { return percent_; }

private:
    std::int64_t integral_ = 0;  // milli-degree seconds
    std::int32_t percent_ = 0;
};

}  // namespace app
