// The settings of the monitor: one table says name, unit, limits, default and meaning of each; the values are
// kept beside it. Values in thousandths where `decimals` is not 0, else whole numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace app {

enum class Parameter : std::uint8_t {
    set_point,
    hysteresis,
    set_back,
    least_on,
    least_off,
    defrost_hours,
    defrost_longest,
    defrost_end,
    drip_time,
    fan_delay,
    fan_gain,
    fan_integral,
    fan_least,
    alarm_high,
    alarm_low,
    alarm_delay,
    alarm_product,
    alarm_humidity,
    alarm_door,
    supply_low,
    current_high,
    air_offset,
    evaporator_offset,
    product_offset,
    bus_address,
    display_text,
    display_speed,
    count
};
inline constexpr std::size_t parameter_count = static_cast<std::size_t>(Parameter::count);

struct ParameterInfo {
    std::string_view name;
    std::string_view unit;
    std::int32_t least, most, standard;
    std::uint8_t decimals;
    std::string_view help;
};

[[nodiscard]] const ParameterInfo& parameter_info(Parameter p);
/// The parameter of that name. Nothing when there is none.
[[nodiscard]] std::optional<Parameter> find_parameter(std::string_view name);

class Parameters {
public:
    Parameters() { restore_defaults(); }

    [[nodiscard]] std::int32_t get(Parameter p) const { return values_[static_cast<std::size_t>(p)]; }
    /// False, and nothing changed, when `value` is outside of the limits.
    [[nodiscard]] bool set(Parameter p, std::int32_t value);
    void restore_defaults();

    using Values = std::array<std::int32_t, parameter_count>;
    [[nodiscard]] const Values& values() const { return values_; }

private:
    Values values_{};
};

}  // namespace app
