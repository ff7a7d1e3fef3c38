// ports/mps2: registers of Arm's MPS2 with the FPGA image AN385 (Cortex-M3) that this port uses. Source of facts: Arm
// Application Note AN385, "Memory map" and "FPGA system control and I/O"; Cortex-M System Design Kit TRM (DDI 0479),
// 4.3 "APB UART" and 4.5 "APB watchdog". All is clocked with 25 MHz.
#pragma once

#include <cstdint>

namespace sb::mps2 {

inline constexpr std::uint32_t clock_hertz = 25'000'000;

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

namespace uart0 {
inline constexpr std::uint32_t data = 0x40004000;
inline constexpr std::uint32_t state = 0x40004004;
inline constexpr std::uint32_t control = 0x40004008;
inline constexpr std::uint32_t baud_divider = 0x40004010;
inline constexpr std::uint32_t transmit_full = 1;
inline constexpr std::uint32_t receive_full = 2;
inline constexpr std::uint32_t both_ways = 3;
inline constexpr std::uint32_t baud_115200 = clock_hertz / 115'200;
}  // namespace uart0

/// Counts down; at 0 the first time it raises the NMI, the second time it resets.
namespace watchdog {
inline constexpr std::uint32_t load = 0x40008000;
inline constexpr std::uint32_t control = 0x40008008;
inline constexpr std::uint32_t interrupt_clear = 0x4000800C;
inline constexpr std::uint32_t lock = 0x40008C00;
inline constexpr std::uint32_t interrupt_and_reset = 3;
inline constexpr std::uint32_t unlock = 0x1ACCE551;
}  // namespace watchdog

namespace fpga {
inline constexpr std::uint32_t counter = 0x40028018;
inline constexpr std::uint32_t prescale = 0x4002801C;
inline constexpr std::uint32_t microseconds = clock_hertz / 1'000'000 - 1;
}  // namespace fpga

}  // namespace sb::mps2
