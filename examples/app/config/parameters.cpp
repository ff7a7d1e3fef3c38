#include "config/parameters.hpp"

#include "base/release.hpp"

namespace app {
namespace {

constexpr std::int32_t standard_alarm_delay = release::at_least(1, 1) ? 600 : 900;

constexpr std::array<ParameterInfo, parameter_count> infos{{
    {"setpoint", "C", -30000, 15000, 4000, 1, "air temperature to keep"},
    {"hysteresis", "C", 300, 6000, 1000, 1, "width of the band around the set point"},
    {"setback", "C", 0, 5000, 1500, 1, "warmer by this much in eco mode"},
    {"least_on", "s", 10, 600, 60, 0, "shortest time the compressor stays on"},
    {"least_off", "s", 30, 900, 120, 0, "shortest time the compressor stays off"},
    {"defrost_every", "h", 1, 48, 6, 0, "compressor hours between two defrosts"},
    {"defrost_longest", "s", 120, 3600, 1500, 0, "longest time the heater may be on"},
    {"defrost_end", "C", 1000, 25000, 8000, 1, "fin temperature that ends a defrost"},
    {"drip_time", "s", 0, 900, 120, 0, "pause for the water to drain"},
    {"fan_delay", "s", 0, 900, 90, 0, "longest wait of the fan after a defrost"},
    {"fan_gain", "%/C", 1, 100, 12, 0, "proportional part of the fan controller"},
    {"fan_integral", "s", 10, 3600, 180, 0, "integral time of the fan controller"},
    {"fan_least", "%", 0, 100, 30, 0, "least speed while the compressor runs"},
    {"alarm_high", "C", -30000, 40000, 8000, 1, "air above this raises an alarm"},
    {"alarm_low", "C", -40000, 15000, 0, 1, "air below this raises an alarm"},
    {"alarm_delay", "s", 0, 7200, standard_alarm_delay, 0, "how long before temperature alarms are raised"},
    {"alarm_product", "C", -30000, 40000, 7000, 1, "product above this raises an alarm"},
    {"alarm_humidity", "%", 20000, 100000, 95000, 1, "humidity above this raises an alarm"},
    {"alarm_door", "s", 5, 3600, 180, 0, "a door open for longer raises an alarm"},
    {"supply_low", "V", 15000, 26000, 21000, 1, "supply below this raises an alarm"},
    {"current_high", "A", 2000, 25000, 12000, 1, "compressor current above this raises an alarm"},
    {"air_offset", "C", -5000, 5000, 0, 2, "calibration of the air sensor"},
    {"evaporator_offset", "C", -5000, 5000, 0, 2, "calibration of the fin sensor"},
    {"product_offset", "C", -5000, 5000, 0, 2, "calibration of the product sensor"},
    {"bus_address", "", 1, 247, 17, 0, "Modbus address of this monitor"},
    {"display_text", "", 0, 3, 0, 0, "display: 0 air, 1 product, 2 air and product, 3 state"},
    {"display_speed", "ms", 40, 1000, 120, 0, "time a column of the running text stands"},
}};

}  // namespace

const ParameterInfo& parameter_info(Parameter p) {
    return infos[static_cast<std::size_t>(p)];
}

std::optional<Parameter> find_parameter(std::string_view name) {
    for (std::size_t i = 0; i < infos.size(); ++i) {
        if (infos[i].name == name) return static_cast<Parameter>(i);
    }
    return std::nullopt;
}

bool Parameters::set(Parameter p, std::int32_t value) {
    const ParameterInfo& info = parameter_info(p);
    if (value < info.least || value > info.most) return false;
    values_[static_cast<std::size_t>(p)] = value;
    return true;
}

void Parameters::restore_defaults() {
    for (std::size_t i = 0; i < infos.size(); ++i) values_[i] = infos[i].standard;
}

}  // namespace app
