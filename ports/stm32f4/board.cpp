// The five functions of a board with an STM32F405 or F407 and its console on USART1 (PA9, PA10).
#include "generated/board.hpp"
#include "ports/port.hpp"
#include "ports/stm32f4/flash.hpp"
#include "ports/stm32f4/registers.hpp"

namespace sb::port {

namespace {

using stm32f4::reg;
namespace gpio_a = stm32f4::gpio_a;
namespace rcc = stm32f4::rcc;
namespace tim2 = stm32f4::tim2;
namespace usart1 = stm32f4::usart1;

constinit stm32f4::InternalFlash flash;

}  // namespace

void start() {
    reg(rcc::ahb1) = reg(rcc::ahb1) | rcc::gpio_a;
    reg(rcc::apb1) = reg(rcc::apb1) | rcc::tim2;
    reg(rcc::apb2) = reg(rcc::apb2) | rcc::usart1;
    reg(gpio_a::alternate_high) = (reg(gpio_a::alternate_high) & ~gpio_a::alternate_mask) | gpio_a::alternate_usart;
    reg(gpio_a::mode) = (reg(gpio_a::mode) & ~gpio_a::mode_mask) | gpio_a::mode_alternate;
    reg(tim2::prescaler) = tim2::microseconds;
    reg(tim2::event) = tim2::update;
    reg(tim2::control) = tim2::run;
    reg(usart1::baud_divider) = usart1::baud_115200;
    reg(usart1::control) = usart1::both_ways;
}

Board board() {
    return {::board::flash_map(flash), Region(flash, ::board::boot.offset, ::board::boot.bytes)};
}

std::optional<std::uint8_t> get_byte() {
    if ((reg(usart1::status) & usart1::has_byte) == 0) return std::nullopt;
    return static_cast<std::uint8_t>(reg(usart1::data));
}

void put_byte(std::uint8_t byte) {
    constexpr std::uint32_t longest_wait = 20'000;  // a byte takes 87 us
    for (std::uint32_t i = 0; i < longest_wait && (reg(usart1::status) & usart1::takes_byte) == 0; ++i) {
    }
    reg(usart1::data) = byte;
}

std::uint32_t microseconds() {
    return reg(tim2::count);
}

}  // namespace sb::port
