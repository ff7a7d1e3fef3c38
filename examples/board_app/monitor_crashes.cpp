// A release that faults before it says a word.
#include "examples/board_app/temper.hpp"

namespace sb::board_app {

void at_start() {
    asm volatile("udf #0");
}

}  // namespace sb::board_app
