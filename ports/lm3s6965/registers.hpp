// ports/lm3s6965: registers of the LM3S6965 that this port uses. Source of facts: LM3S6965 data sheet (DS-LM3S6965),
// chapters 6 "System Control", 9 "GPIOs", 13 "UARTs", 14 "SSI"; Armv7-M Architecture Reference Manual, B3.3 "SysTick".
// The pins are those of the evaluation board EK-LM3S6965.
#pragma once

#include <cstdint>

namespace sb::lm3s6965 {

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

inline constexpr std::uint32_t clock_hertz = 50'000'000;
inline constexpr std::uint32_t ticks_a_microsecond = clock_hertz / 1'000'000;

namespace system_control {
inline constexpr std::uint32_t raw_interrupts = 0x400FE050;
inline constexpr std::uint32_t clocks = 0x400FE060;  // RCC
inline constexpr std::uint32_t gates1 = 0x400FE104;  // RCGC1
inline constexpr std::uint32_t gates2 = 0x400FE108;  // RCGC2
inline constexpr std::uint32_t pll_locked = 1U << 6U;
inline constexpr std::uint32_t divide_by_4 = 3U << 23U | 1U << 22U;
inline constexpr std::uint32_t pll_off = 1U << 13U;
inline constexpr std::uint32_t bypass_pll = 1U << 11U;
inline constexpr std::uint32_t crystal_8_mhz = 0xEU << 6U;  // from the main oscillator; the PLL makes 200 MHz of it
inline constexpr std::uint32_t uart0 = 1U << 0U;
inline constexpr std::uint32_t ssi0 = 1U << 4U;
inline constexpr std::uint32_t port_a = 1U << 0U;
inline constexpr std::uint32_t port_d = 1U << 3U;
}  // namespace system_control

namespace pins {
inline constexpr std::uint32_t a_alternate = 0x40004420;
inline constexpr std::uint32_t a_pull_up = 0x40004510;
inline constexpr std::uint32_t a_digital = 0x4000451C;
inline constexpr std::uint32_t uart0_and_ssi0 = 0x37;  // PA0, PA1; clock, receive and transmit: PA2, PA4, PA5
inline constexpr std::uint32_t ssi0_receive = 0x10;
inline constexpr std::uint32_t d_select = 0x40007004;  // of port D's data, PD0 alone
inline constexpr std::uint32_t d_direction = 0x40007400;
inline constexpr std::uint32_t d_digital = 0x4000751C;
inline constexpr std::uint32_t card_select = 1;  // PD0; low: selected
}  // namespace pins

/// A PL011.
namespace uart0 {
inline constexpr std::uint32_t data = 0x4000C000;
inline constexpr std::uint32_t flags = 0x4000C018;
inline constexpr std::uint32_t divisor = 0x4000C024;
inline constexpr std::uint32_t divisor_fraction = 0x4000C028;
inline constexpr std::uint32_t line_control = 0x4000C02C;
inline constexpr std::uint32_t control = 0x4000C030;
inline constexpr std::uint32_t transmit_full = 0x20;
inline constexpr std::uint32_t receive_empty = 0x10;
inline constexpr std::uint32_t eight_bits_fifo = 0x70;
inline constexpr std::uint32_t on = 0x301;
inline constexpr std::uint32_t divisor_115200 = clock_hertz * 4U / 115'200;  // in 64ths
}  // namespace uart0

/// A PL022.
namespace ssi0 {
inline constexpr std::uint32_t control0 = 0x40008000;
inline constexpr std::uint32_t control1 = 0x40008004;
inline constexpr std::uint32_t data = 0x40008008;
inline constexpr std::uint32_t status = 0x4000800C;
inline constexpr std::uint32_t prescale = 0x40008010;
inline constexpr std::uint32_t not_empty = 0x04;
inline constexpr std::uint32_t enabled = 0x02;
inline constexpr std::uint32_t eight_bits = 0x07;    // SPI mode 0
inline constexpr std::uint32_t slow_prescale = 128;  // 390 kHz: cards are identified with 400 at most
inline constexpr std::uint32_t fast_prescale = 4;    // 12.5 MHz, of the 25 that every card does
}  // namespace ssi0

/// Counts 24 bits down.
namespace systick {
inline constexpr std::uint32_t control = 0xE000E010;
inline constexpr std::uint32_t load = 0xE000E014;
inline constexpr std::uint32_t value = 0xE000E018;
inline constexpr std::uint32_t most = 0x00FF'FFFF;
inline constexpr std::uint32_t enabled_with_processor_clock = 0x05;
}  // namespace systick

}  // namespace sb::lm3s6965
