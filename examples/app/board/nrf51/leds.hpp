// The pins of the LED matrix.
#pragma once

#include "board/nrf51/registers.hpp"
#include "display/matrix.hpp"

namespace app::nrf51 {

/// Rows are driven high by P0.13 … P0.15, columns low by P0.4 … P0.12.
class Leds final : public MatrixPins {
public:
    void start() { reg(gpio::direction_set) = row_pins | column_pins; }
    void show(unsigned row, std::uint16_t columns) override {
        reg(gpio::out_clear) = row_pins;
        reg(gpio::out_set) = column_pins;
        reg(gpio::out_clear) = static_cast<std::uint32_t>(columns) << 4 & column_pins;
        reg(gpio::out_set) = 1U << (13 + row);
    }

private:
    static constexpr std::uint32_t row_pins = 7U << 13;
    static constexpr std::uint32_t column_pins = 0x1ffU << 4;
};

}  // namespace app::nrf51
