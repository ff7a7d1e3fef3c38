#include "board/nrf51/uart.hpp"

#include <array>

#include "board/nrf51/registers.hpp"

namespace app::nrf51 {
namespace {

// One writer (the interrupt) and one reader (the main loop): two indices need no lock.
constexpr std::uint8_t ring_size = 64;
std::array<volatile char, ring_size> ring;
volatile std::uint8_t written;
volatile std::uint8_t taken;

constexpr std::uint32_t pin_tx = 24;
constexpr std::uint32_t pin_rx = 25;
constexpr std::uint32_t longest_wait = 100000;  // a line that never drains must not stop the monitor

}  // namespace

void Uart::start() {
    reg(gpio::out_set) = 1U << pin_tx;
    reg(gpio::direction_set) = 1U << pin_tx;
    reg(uart::pin_tx) = pin_tx;
    reg(uart::pin_rx) = pin_rx;
    reg(uart::baud) = uart::baud_115200;
    reg(uart::enable) = uart::enabled;
    reg(uart::rx_ready) = 0;
    reg(uart::start_rx) = 1;
    reg(uart::start_tx) = 1;
    reg(uart::interrupt_set) = uart::rx_ready_interrupt;
    reg(system::interrupt_enable) = 1U << uart::irq;
}

void Uart::put(char c) {
    reg(uart::tx_ready) = 0;
    reg(uart::tx_data) = static_cast<std::uint8_t>(c);
    for (std::uint32_t i = 0; i < longest_wait && reg(uart::tx_ready) == 0; ++i) {
    }
}

bool Uart::get(char& c) {
    const std::uint8_t at = taken;
    if (at == written) return false;
    c = ring[at];
    taken = static_cast<std::uint8_t>((at + 1) % ring_size);
    return true;
}

}  // namespace app::nrf51

extern "C" void app_uart_interrupt() {
    using namespace app::nrf51;
    if (reg(uart::rx_ready) == 0) return;
    reg(uart::rx_ready) = 0;
    const char c = static_cast<char>(reg(uart::rx_data));
    const std::uint8_t at = written;
    const auto next = static_cast<std::uint8_t>((at + 1) % ring_size);
    if (next == taken) return;  // full: the newest is lost, as on any UART
    ring[at] = c;
    written = next;
}
