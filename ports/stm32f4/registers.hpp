// ports/stm32f4: registers of the STM32F405 and F407 that this port uses. Source of facts: RM0090, sections 3.9 "Flash
// interface registers", 7.3 "RCC registers", 8.4 "GPIO registers", 18.4 "TIM2 to TIM5 registers", 30.6 "USART
// registers". All runs with the clock that comes up by itself: HSI, 16 MHz.
#pragma once

#include <cstdint>

namespace sb::stm32f4 {

inline constexpr std::uint32_t clock_hertz = 16'000'000;

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

/// Clocks of the peripherals.
namespace rcc {
inline constexpr std::uint32_t ahb1 = 0x40023830;
inline constexpr std::uint32_t apb1 = 0x40023840;
inline constexpr std::uint32_t apb2 = 0x40023844;
inline constexpr std::uint32_t gpio_a = 1U << 0;
inline constexpr std::uint32_t tim2 = 1U << 0;
inline constexpr std::uint32_t usart1 = 1U << 4;
}  // namespace rcc

/// PA9 sends, PA10 receives: alternate function 7.
namespace gpio_a {
inline constexpr std::uint32_t mode = 0x40020000;
inline constexpr std::uint32_t alternate_high = 0x40020024;
inline constexpr std::uint32_t mode_mask = 0xFU << 18;
inline constexpr std::uint32_t mode_alternate = 0xAU << 18;
inline constexpr std::uint32_t alternate_mask = 0xFFU << 4;
inline constexpr std::uint32_t alternate_usart = 0x77U << 4;
}  // namespace gpio_a

namespace usart1 {
inline constexpr std::uint32_t status = 0x40011000;
inline constexpr std::uint32_t data = 0x40011004;
inline constexpr std::uint32_t baud_divider = 0x40011008;
inline constexpr std::uint32_t control = 0x4001100C;
inline constexpr std::uint32_t has_byte = 1U << 5;
inline constexpr std::uint32_t takes_byte = 1U << 7;
inline constexpr std::uint32_t both_ways = 1U << 13 | 1U << 3 | 1U << 2;
inline constexpr std::uint32_t baud_115200 = (clock_hertz + 115'200 / 2) / 115'200;
}  // namespace usart1

namespace tim2 {
inline constexpr std::uint32_t control = 0x40000000;
inline constexpr std::uint32_t event = 0x40000014;
inline constexpr std::uint32_t count = 0x40000024;
inline constexpr std::uint32_t prescaler = 0x40000028;
inline constexpr std::uint32_t microseconds = clock_hertz / 1'000'000 - 1;
inline constexpr std::uint32_t update = 1;  // makes the prescaler count
inline constexpr std::uint32_t run = 1;
}  // namespace tim2

namespace nvm {
inline constexpr std::uint32_t key = 0x40023C04;
inline constexpr std::uint32_t status = 0x40023C0C;
inline constexpr std::uint32_t control = 0x40023C10;
inline constexpr std::uint32_t key_1 = 0x45670123;
inline constexpr std::uint32_t key_2 = 0xCDEF89AB;
inline constexpr std::uint32_t busy = 1U << 16;
inline constexpr std::uint32_t failed = 1U << 1 | 0xFU << 4;
inline constexpr std::uint32_t words = 2U << 8;  // 32 bits at a time: 2.7 V and more
inline constexpr std::uint32_t program = words | 1U << 0;
inline constexpr std::uint32_t erase = words | 1U << 1;
inline constexpr unsigned sector_shift = 3;
inline constexpr std::uint32_t start = 1U << 16;
inline constexpr std::uint32_t lock = 1U << 31;
}  // namespace nvm

}  // namespace sb::stm32f4
