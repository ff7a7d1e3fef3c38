// The work of a program that is there to show that it works: a heart that beats a hundred times a second. Line "beats":
// how often it did since the start.
#include "bootloader/console.hpp"
#include "examples/board_app/temper.hpp"
#include "ports/port.hpp"

extern "C" {
/// Tests look at it with the debugger, also while the console is in use.
[[gnu::used]] volatile std::uint32_t sb_heart_beats = 0;  // NOLINT: of the whole program
}

namespace sb::board_app {

void work() {
    constexpr std::uint32_t pause = 10'000;
    static std::uint32_t last = 0;
    if (port::microseconds() - last < pause) return;
    last += pause;
    sb_heart_beats = sb_heart_beats + 1;
}

bool obey_too(std::string_view line) {
    if (line != "beats") return false;
    bootloader::print("beats: ");
    bootloader::print_number(sb_heart_beats);
    bootloader::print("\r\n");
    return true;
}

}  // namespace sb::board_app
