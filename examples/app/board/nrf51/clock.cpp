#include "board/nrf51/clock.hpp"

#include "board/nrf51/registers.hpp"

namespace app::nrf51 {
namespace {

volatile std::uint32_t passed_milliseconds;

std::uint32_t timer_now() {
    reg(timer0::capture1) = 1;
    return reg(timer0::compare1);
}

}  // namespace

void start_clock() {
    reg(timer0::bit_mode) = 3;   // 32 bits
    reg(timer0::prescaler) = 4;  // 16 MHz / 2^4: a microsecond
    reg(timer0::clear) = 1;
    reg(timer0::compare0) = 1000;
    reg(timer0::compare0_event) = 0;
    reg(timer0::interrupt_set) = timer0::compare0_interrupt;
    reg(timer0::start) = 1;
    reg(system::interrupt_enable) = 1U << timer0::irq;
}

std::uint32_t milliseconds() {
    return passed_milliseconds;
}

void sleep() {
    asm volatile("wfi");
}

std::uint32_t processor_ticks_in(std::uint32_t microseconds) {
    constexpr std::uint32_t full = 0xffffff;
    constexpr std::uint32_t longest_loop = 1000000;
    reg(system::tick_reload) = full;
    reg(system::tick_value) = 0;
    reg(system::tick_control) = 5;  // processor clock, no interrupt
    const std::uint32_t from = timer_now();
    const std::uint32_t ticks_from = reg(system::tick_value);
    for (std::uint32_t i = 0; i < longest_loop && timer_now() - from < microseconds; ++i) {
    }
    const std::uint32_t ticks_to = reg(system::tick_value);
    reg(system::tick_control) = 0;
    return (ticks_from - ticks_to) & full;
}

}  // namespace app::nrf51

extern "C" void app_timer_interrupt() {
    using namespace app::nrf51;
    if (reg(timer0::compare0_event) == 0) return;
    reg(timer0::compare0_event) = 0;
    // The timer runs on freely, so that it can be read; the next compare lies a millisecond further on. After a
    // long stop (flash erase halts the core) all that passed is caught up.
    const std::uint32_t late = timer_now() - reg(timer0::compare0);
    const std::uint32_t ticks = 1 + late / 1000;
    reg(timer0::compare0) = reg(timer0::compare0) + ticks * 1000;
    passed_milliseconds = passed_milliseconds + ticks;
}
