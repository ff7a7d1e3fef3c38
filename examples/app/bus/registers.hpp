// The register map of the monitor. Input registers: 0 … 5 the channels, 6 dew point (tenths, signed), 16 … state.
// Holding registers: one for each parameter in the order of the table (tenths, signed, where it has decimals).
#pragma once

#include "bus/modbus.hpp"

namespace app {

class Application;

class MonitorRegisters final : public Registers {
public:
    explicit MonitorRegisters(Application& application) : app_(&application) {}

    [[nodiscard]] BusException read_input(std::uint16_t address, std::uint16_t& value) const override;
    [[nodiscard]] BusException read_holding(std::uint16_t address, std::uint16_t& value) const override;
    [[nodiscard]] BusException write_holding(std::uint16_t address, std::uint16_t value) override;

private:
    Application* app_;
};

}  // namespace app
