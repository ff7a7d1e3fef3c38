#include "control/fan.hpp"

#include "base/math.hpp"

namespace app {

std::int32_t Fan::step(Millidegrees error, bool compressor, bool blocked, const FanSettings& settings) {
    if (blocked) {
        integral_ = 0;
        percent_ = 0;
        return 0;
    }
    const std::int64_t sum = integral_ + error;
    const auto drive = [&](std::int64_t integral) {
        const std::int64_t milli =
            static_cast<std::int64_t>(error) * settings.gain +
            integral * settings.gain / (settings.integral_seconds > 0 ? settings.integral_seconds : 1);
        return static_cast<std::int32_t>(milli / 1000);
    };
    const std::int32_t raw = drive(sum);
    const std::int32_t floor = compressor ? settings.least_percent : 0;
    const std::int32_t wanted = clamp(raw, floor, 100);
    if (wanted == raw || (raw > 100 && error < 0) || (raw < floor && error > 0)) integral_ = sum;
    percent_ += clamp(wanted - percent_, -settings.slew_percent, settings.slew_percent);
    return percent_;
}

}  // namespace app
