#include "bus/registers.hpp"

#include "application.hpp"
#include "base/release.hpp"

namespace app {
namespace {

constexpr std::uint16_t invalid_reading = 0x8000;
constexpr std::uint16_t dew_point_register = channel_count;
constexpr std::uint16_t state_registers = 16;

std::uint16_t low_half(std::uint32_t v) {
    return static_cast<std::uint16_t>(v & 0xffff);
}

std::uint16_t state_bits(const Application& a) {
    unsigned bits = 0;
    bits |= a.thermostat().running() ? 1U : 0U;
    bits |= a.defrost().heater() ? 2U : 0U;
    bits |= a.door_open() ? 4U : 0U;
    bits |= a.eco() ? 8U : 0U;
    bits |= a.thermostat().emergency() ? 16U : 0U;
    bits |= a.alarms().sounding() > 0 ? 32U : 0U;
    return static_cast<std::uint16_t>(bits);
}

BusException state_register(const Application& a, std::uint16_t index, std::uint16_t& value) {
    switch (index) {
        case 0:
            value = state_bits(a);
            break;
        case 1:
            value = a.alarms().bits();
            break;
        case 2:
            value = static_cast<std::uint16_t>(a.defrost().state());
            break;
        case 3:
            value = static_cast<std::uint16_t>(a.fan().percent());
            break;
        case 4:
            value = low_half(a.seconds() >> 16);
            break;
        case 5:
            value = low_half(a.seconds());
            break;
        case 6:
            value = low_half(a.thermostat().starts());
            break;
        case 7:
            value = low_half(a.defrost().done());
            break;
        case 8:
            value = static_cast<std::uint16_t>(release::major << 8 | release::minor);
            break;
        case 9:
            if constexpr (!release::at_least(1, 1)) return BusException::illegal_address;
            value = low_half(a.chatter());
            break;
        case 10:
            if constexpr (!release::at_least(1, 1)) return BusException::illegal_address;
            value = low_half(a.thermostat().seconds_running() / 60);
            break;
        default:
            return BusException::illegal_address;
    }
    return BusException::none;
}

}  // namespace

BusException MonitorRegisters::read_input(std::uint16_t address, std::uint16_t& value) const {
    if (address < channel_count) {
        const Reading& r = app_->channels().reading(static_cast<Channel>(address));
        value = r.valid ? static_cast<std::uint16_t>(r.value / 100) : invalid_reading;
        return BusException::none;
    }
    if (address == dew_point_register) {
        value = static_cast<std::uint16_t>(app_->channels().dew_point_of_room() / 100);
        return BusException::none;
    }
    if (address < state_registers) return BusException::illegal_address;
    return state_register(*app_, static_cast<std::uint16_t>(address - state_registers), value);
}

BusException MonitorRegisters::read_holding(std::uint16_t address, std::uint16_t& value) const {
    if (address >= parameter_count) return BusException::illegal_address;
    const auto p = static_cast<Parameter>(address);
    const std::int32_t v = app_->parameters().get(p);
    value = static_cast<std::uint16_t>(parameter_info(p).decimals > 0 ? v / 100 : v);
    return BusException::none;
}

BusException MonitorRegisters::write_holding(std::uint16_t address, std::uint16_t value) {
    if (address >= parameter_count) return BusException::illegal_address;
    const auto p = static_cast<Parameter>(address);
    const auto v = static_cast<std::int32_t>(static_cast<std::int16_t>(value));
    if (!app_->parameters().set(p, parameter_info(p).decimals > 0 ? v * 100 : v)) return BusException::illegal_value;
    app_->parameters_changed();
    app_->note(Event::bus_write, address);
    return BusException::none;
}

}  // namespace app
