// The five functions of the MPS2 with AN385, and its watchdog.
#include "generated/board.hpp"
#include "ports/mps2/memory_flash.hpp"
#include "ports/mps2/registers.hpp"
#include "ports/port.hpp"

namespace sb::port {

namespace {

using mps2::reg;
namespace uart0 = mps2::uart0;
namespace watchdog = mps2::watchdog;
namespace fpga = mps2::fpga;

constinit mps2::MemoryFlash ssram1(::board::flash_ssram1::address, ::board::flash_ssram1::geometry);
constinit mps2::MemoryFlash psram(::board::flash_psram::address, ::board::flash_psram::geometry);

/// Until the warning, and from there to the reset: longer by far than a verification.
constexpr std::uint32_t watchdog_seconds = 4;

}  // namespace

void start() {
    reg(fpga::prescale) = fpga::microseconds;
    reg(uart0::baud_divider) = uart0::baud_115200;
    reg(uart0::control) = uart0::both_ways;
}

Board board() {
    return {::board::flash_map(ssram1, psram), Region(ssram1, ::board::boot.offset, ::board::boot.bytes)};
}

std::optional<std::uint8_t> get_byte() {
    if ((reg(uart0::state) & uart0::receive_full) == 0) return std::nullopt;
    return static_cast<std::uint8_t>(reg(uart0::data));
}

void put_byte(std::uint8_t byte) {
    constexpr std::uint32_t longest_wait = 20'000;  // a byte takes 87 us
    for (std::uint32_t i = 0; i < longest_wait && (reg(uart0::state) & uart0::transmit_full) != 0; ++i) {
    }
    reg(uart0::data) = byte;
}

std::uint32_t microseconds() {
    return reg(fpga::counter);
}

/// Locked, so that a program that runs wild does not stop it by chance.
void start_watchdog() {
    reg(watchdog::lock) = watchdog::unlock;
    reg(watchdog::load) = watchdog_seconds * mps2::clock_hertz;
    reg(watchdog::control) = watchdog::interrupt_and_reset;
    reg(watchdog::lock) = 0;
}

void kick_watchdog() {
    reg(watchdog::lock) = watchdog::unlock;
    reg(watchdog::interrupt_clear) = 1;
    reg(watchdog::lock) = 0;
}

}  // namespace sb::port

/// The watchdog's warning. There is nothing to save: the application does not kick it here, and is reset.
extern "C" void sb_nmi() {
    for (;;) {
    }
}
