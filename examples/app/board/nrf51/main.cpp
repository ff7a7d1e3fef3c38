// The board: brings the hardware up, hands it to the application, runs what is due and sleeps in between.
#include <array>

#include "application.hpp"
#include "board/nrf51/clock.hpp"
#include "board/nrf51/flash_pages.hpp"
#include "board/nrf51/image_info.hpp"
#include "board/nrf51/registers.hpp"
#include "board/nrf51/uart.hpp"

namespace app::nrf51 {
namespace {

class Bench final : public TestBench {
public:
    [[nodiscard]] Image image() const override { return running_image(); }
    [[nodiscard]] std::span<volatile std::uint32_t> scratch() override { return scratch_; }
    [[nodiscard]] std::uint32_t processor_ticks_in(std::uint32_t microseconds) override {
        return nrf51::processor_ticks_in(microseconds);
    }
    [[nodiscard]] std::uint32_t processor_hertz() const override { return system::processor_hertz; }

private:
    std::array<volatile std::uint32_t, 128> scratch_{};
};

/// Rows are driven high by P0.13 … P0.15, columns low by P0.4 … P0.12.
class Leds final : public MatrixPins {
public:
    void start() { reg(gpio::direction_set) = row_pins | column_pins; }
    void show(unsigned row, std::uint16_t columns) override {
        reg(gpio::out_clear) = row_pins;
        reg(gpio::out_set) = column_pins;
        reg(gpio::out_clear) = static_cast<std::uint32_t>(columns) << 4 & column_pins;
        reg(gpio::out_set) = 1U << (13 + row);
    }

private:
    static constexpr std::uint32_t row_pins = 7U << 13;
    static constexpr std::uint32_t column_pins = 0x1ffU << 4;
};

Uart console;
Leds leds;
FlashPages config_pages;
Bench bench;

}  // namespace
}  // namespace app::nrf51

extern "C" [[noreturn]] void app_fault_report(std::uint32_t pc) {
    using namespace app::nrf51;
    app::print(console, "\nfault at {:08x}, restarting\n", pc);
    reg(system::reset_control) = 0x05fa0004;
    for (;;) {
    }
}

int main() {
    using namespace app::nrf51;
    console.start();
    leds.start();
    start_clock();
    static app::Application application({"nRF51822", &console, &config_pages, &bench, &leds});
    application.start(milliseconds());
    for (;;) {
        char c = 0;
        while (Uart::get(c)) application.typed(c);
        if (!application.run_one(milliseconds())) sleep();
    }
}
