// The few peripheral registers that this port uses. Source: nRF51 Series Reference Manual, version 3.0.
#pragma once

#include <cstdint>

namespace app::nrf51 {

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);
}

namespace uart {
inline constexpr std::uint32_t base = 0x40002000;
inline constexpr std::uint32_t start_rx = base + 0x000, start_tx = base + 0x008;
inline constexpr std::uint32_t rx_ready = base + 0x108, tx_ready = base + 0x11c;
inline constexpr std::uint32_t interrupt_set = base + 0x304;
inline constexpr std::uint32_t enable = base + 0x500, pin_tx = base + 0x50c, pin_rx = base + 0x514;
inline constexpr std::uint32_t rx_data = base + 0x518, tx_data = base + 0x51c, baud = base + 0x524;
inline constexpr std::uint32_t rx_ready_interrupt = 1U << 2;
inline constexpr std::uint32_t enabled = 4, baud_115200 = 0x01d7e000;
inline constexpr unsigned irq = 2;
}  // namespace uart

namespace timer0 {
inline constexpr std::uint32_t base = 0x40008000;
inline constexpr std::uint32_t start = base + 0x000, clear = base + 0x00c;
inline constexpr std::uint32_t capture1 = base + 0x044, compare0_event = base + 0x140;
inline constexpr std::uint32_t interrupt_set = base + 0x304, bit_mode = base + 0x508, prescaler = base + 0x510;
inline constexpr std::uint32_t compare0 = base + 0x540, compare1 = base + 0x544;
inline constexpr std::uint32_t compare0_interrupt = 1U << 16;
inline constexpr unsigned irq = 8;
}  // namespace timer0

namespace nvmc {
inline constexpr std::uint32_t base = 0x4001e000;
inline constexpr std::uint32_t ready = base + 0x400, config = base + 0x504, erase_page = base + 0x508;
inline constexpr std::uint32_t read_only = 0, write_enabled = 1, erase_enabled = 2;
}  // namespace nvmc

namespace gpio {
inline constexpr std::uint32_t base = 0x50000000;
inline constexpr std::uint32_t out_set = base + 0x508, out_clear = base + 0x50c, direction_set = base + 0x518;
}  // namespace gpio

namespace system {
inline constexpr std::uint32_t tick_control = 0xe000e010, tick_reload = 0xe000e014, tick_value = 0xe000e018;
inline constexpr std::uint32_t interrupt_enable = 0xe000e100, reset_control = 0xe000ed0c;
inline constexpr std::uint32_t processor_hertz = 16000000;
}  // namespace system

}  // namespace app::nrf51
