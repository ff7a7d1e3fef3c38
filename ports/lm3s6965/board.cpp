// The five functions of the board EK-LM3S6965, where its images run, and its card.
#include "generated/board.hpp"
#include "ports/card.hpp"
#include "ports/lm3s6965/card_flash.hpp"
#include "ports/lm3s6965/registers.hpp"
#include "ports/lm3s6965/sd_card.hpp"
#include "ports/port.hpp"
#include "ports/rom_flash.hpp"

namespace sb::port {

namespace {

using lm3s6965::reg;
namespace pins = lm3s6965::pins;
namespace ssi0 = lm3s6965::ssi0;
namespace system_control = lm3s6965::system_control;
namespace systick = lm3s6965::systick;
namespace uart0 = lm3s6965::uart0;

constinit RomFlash internal(::board::flash_internal::address, ::board::flash_internal::geometry);
constinit lm3s6965::SdCard sd;
constinit lm3s6965::CardFlash area(sd);

/// The timer's 2^24 ticks are a third of a second: what passed is added up.
struct Clock {
    std::uint32_t last = 0;
    std::uint32_t ticks = 0;  // short of a microsecond
    std::uint32_t microseconds = 0;
};
constinit Clock clock;

/// 50 MHz from the PLL.
void start_clock() {
    constexpr std::uint32_t longest_wait = 100'000;  // it locks within 0.5 ms
    constexpr std::uint32_t divided = system_control::divide_by_4 | system_control::crystal_8_mhz;
    reg(system_control::clocks) = divided | system_control::bypass_pll;
    for (std::uint32_t i = 0; i < longest_wait; ++i) {
        if ((reg(system_control::raw_interrupts) & system_control::pll_locked) != 0) break;
    }
    reg(system_control::clocks) = divided;
    reg(systick::load) = systick::most;
    reg(systick::value) = 0;
    reg(systick::control) = systick::enabled_with_processor_clock;
    clock = {.last = reg(systick::value)};
}

void start_pins() {
    reg(system_control::gates1) = system_control::uart0 | system_control::ssi0;
    reg(system_control::gates2) = system_control::port_a | system_control::port_d;
    // Three clocks pass before a gate is open; reading it back takes longer.
    [[maybe_unused]] const std::uint32_t open = reg(system_control::gates2);
    reg(pins::a_alternate) = pins::uart0_and_ssi0;
    reg(pins::a_pull_up) = pins::ssi0_receive;
    reg(pins::a_digital) = pins::uart0_and_ssi0;
    reg(pins::d_direction) = pins::card_select;
    reg(pins::d_digital) = pins::card_select;
    reg(pins::d_select) = pins::card_select;
}

}  // namespace

void start() {
    start_clock();
    start_pins();
    reg(uart0::control) = 0;
    reg(uart0::divisor) = uart0::divisor_115200 / 64;
    reg(uart0::divisor_fraction) = uart0::divisor_115200 % 64;
    reg(uart0::line_control) = uart0::eight_bits_fifo;
    reg(uart0::control) = uart0::on;
    reg(ssi0::control1) = 0;
    reg(ssi0::control0) = ssi0::eight_bits;
    reg(ssi0::prescale) = ssi0::slow_prescale;
    reg(ssi0::control1) = ssi0::enabled;
}

Board board() {
    return {::board::flash_map(internal, area), Region(internal, ::board::boot.offset, ::board::boot.bytes)};
}

std::optional<std::uint8_t> get_byte() {
    if ((reg(uart0::flags) & uart0::receive_empty) != 0) return std::nullopt;
    return static_cast<std::uint8_t>(reg(uart0::data));
}

void put_byte(std::uint8_t byte) {
    constexpr std::uint32_t longest_wait = 20'000;  // a byte takes 87 us
    for (std::uint32_t i = 0; i < longest_wait && (reg(uart0::flags) & uart0::transmit_full) != 0; ++i) {
    }
    reg(uart0::data) = byte;
}

/// Whoever waits calls it more often than each 0.3 s; of what takes longer in between some is not counted.
std::uint32_t microseconds() {
    const std::uint32_t now = reg(systick::value);
    clock.ticks += (clock.last - now) & systick::most;
    clock.last = now;
    clock.microseconds += clock.ticks / lm3s6965::ticks_a_microsecond;
    clock.ticks %= lm3s6965::ticks_a_microsecond;
    return clock.microseconds;
}

MutableBytes load_area() {
    return {reinterpret_cast<std::uint8_t*>(::board::load.address),  // NOLINT(performance-no-int-to-ptr)
            ::board::load.bytes};
}

BlockSource& card() {
    return sd;
}

}  // namespace sb::port
