// The five functions of the SmartFusion2 SOM, and where its images run.
#include "generated/board.hpp"
#include "ports/port.hpp"
#include "ports/rom_flash.hpp"
#include "ports/smartfusion2/registers.hpp"
#include "ports/smartfusion2/spi_nor.hpp"

namespace sb::port {

namespace {

using smartfusion2::reg;
namespace uart = smartfusion2::uart;
namespace timer1 = smartfusion2::timer1;

constinit RomFlash envm(::board::flash_envm::address, ::board::flash_envm::geometry);
constinit smartfusion2::SpiNor spi;

/// The timer's 2^32 ticks are 60 seconds: what passed is added up.
struct Clock {
    std::uint32_t last = 0;
    std::uint32_t ticks = 0;  // short of a microsecond
    std::uint32_t microseconds = 0;
};
constinit Clock clock;

}  // namespace

void start() {
    reg(timer1::load) = UINT32_MAX;
    reg(timer1::control) = timer1::enabled;
    clock = {.last = reg(timer1::value)};
    reg(uart::interrupts) = 0;
    reg(uart::line_control) = uart::divisor_open | uart::eight_bits;
    reg(uart::divisor_low) = uart::divisor_115200;
    reg(uart::divisor_high) = 0;
    reg(uart::line_control) = uart::eight_bits;
    reg(uart::fifo_control) = uart::fifo_on_and_empty;
    smartfusion2::start_spi();
}

Board board() {
    return {::board::flash_map(envm, spi), Region(envm, ::board::boot.offset, ::board::boot.bytes)};
}

std::optional<std::uint8_t> get_byte() {
    if ((reg(uart::line_status) & uart::received) == 0) return std::nullopt;
    return static_cast<std::uint8_t>(reg(uart::data));
}

void put_byte(std::uint8_t byte) {
    constexpr std::uint32_t longest_wait = 20'000;  // a byte takes 87 us
    reg(uart::data) = byte;
    for (std::uint32_t i = 0; i < longest_wait && (reg(uart::line_status) & uart::may_send) == 0; ++i) {
    }
}

/// Requires: called at least once in 60 seconds.
std::uint32_t microseconds() {
    const std::uint32_t now = reg(timer1::value);
    const std::uint32_t passed = clock.last - now;
    clock.last = now;
    clock.microseconds += passed / smartfusion2::ticks_a_microsecond;
    clock.ticks += passed % smartfusion2::ticks_a_microsecond;
    clock.microseconds += clock.ticks / smartfusion2::ticks_a_microsecond;
    clock.ticks %= smartfusion2::ticks_a_microsecond;
    return clock.microseconds;
}

MutableBytes load_area() {
    return {reinterpret_cast<std::uint8_t*>(::board::load.address),  // NOLINT(performance-no-int-to-ptr)
            ::board::load.bytes};
}

}  // namespace sb::port
