// The five functions of the board (ports/port.hpp says what each promises), and the hooks that it wants.
// The template: copy the folder, rename template_board, and put your part in where a comment says (yours).
#include "generated/board.hpp"
#include "ports/port.hpp"
#include "ports/template/flash.hpp"
#include "ports/template/registers.hpp"

namespace sb::port {

namespace {

using template_board::reg;
namespace uart = template_board::uart;
namespace timer = template_board::timer;

constinit template_board::InternalFlash flash;

}  // namespace

/// (yours) Clocks, pins, the console's rate, a timer that runs freely. The bootloader and the application both call it:
/// an image finds the peripherals as the bootloader left them.
void start() {
    reg(timer::prescaler) = timer::microseconds;
    reg(timer::control) = timer::run;
    reg(uart::baud_divider) = uart::baud_115200;
    reg(uart::control) = uart::both_ways;
}

/// (yours) One driver for each part of the layout, in its order.
Board board() {
    return {::board::flash_map(flash), Region(flash, ::board::boot.offset, ::board::boot.bytes)};
}

/// (yours) A part whose receiver holds one byte needs a queue filled by interrupts, or a slow console: while flash is
/// erased nobody asks. YMODEM sends a spoilt block again.
std::optional<std::uint8_t> get_byte() {
    if ((reg(uart::status) & uart::has_byte) == 0) return std::nullopt;
    return static_cast<std::uint8_t>(reg(uart::data));
}

void put_byte(std::uint8_t byte) {
    constexpr std::uint32_t longest_wait = 20'000;  // a byte takes 87 us
    for (std::uint32_t i = 0; i < longest_wait && (reg(uart::status) & uart::takes_byte) == 0; ++i) {
    }
    reg(uart::data) = byte;
}

std::uint32_t microseconds() {
    return reg(timer::count);
}

// (yours) Hooks. Without these functions the defaults of ports/hooks.cpp do nothing:
//   protect            lock the bootloader, and what the image must not write, until the next reset, where the part can
//   start_watchdog     and kick_watchdog: as in ports/mps2/board.cpp
//   supply             where the board measures its battery: no erase begins while it is low (core/flash/supply.hpp)
//   hardware_floor     security floor in fuses

}  // namespace sb::port
