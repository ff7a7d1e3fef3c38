// A program that leaves receiving to the bootloader.
#include "bootloader/console.hpp"
#include "examples/board_app/receive.hpp"

namespace sb::board_app {

void begin_to_receive() {
    bootloader::print("the bootloader does that: update\r\n");
}

bool receives() {
    return false;
}

void receive_on() {}

}  // namespace sb::board_app
