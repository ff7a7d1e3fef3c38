// examples/board_app: an update that comes in while the program works. YMODEM brings the package over the console, the
// same session as the bootloader's checks each block and writes it to the slot that does not run, and the program's
// own work goes on between any two bytes. A program is linked with receive.cpp, or with no_receive.cpp.
#pragma once

namespace sb::board_app {

/// Waits for a sender from now on; says on the console what stands in the way of that, if anything.
void begin_to_receive();
/// While this is so the console belongs to the sender: nothing else is read from it or printed.
[[nodiscard]] bool receives();
/// A little of it. Called again and again with the program's work in between, while receives(). At the end it says on
/// the console what became of it.
void receive_on();

}  // namespace sb::board_app
