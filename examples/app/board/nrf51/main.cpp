// The board: brings the hardware up, hands it to the application, runs what is due and sleeps in between.
#include "application.hpp"
#include "board/nrf51/bench.hpp"
#include "board/nrf51/clock.hpp"
#include "board/nrf51/flash_pages.hpp"
#include "board/nrf51/leds.hpp"
#include "board/nrf51/registers.hpp"
#include "board/nrf51/uart.hpp"

namespace app::nrf51 {
namespace {

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
