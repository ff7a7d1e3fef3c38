// Gets stuck in its self-test.
#include "examples/board_app/temper.hpp"

namespace sb::board_app {

void at_start() {}

bool self_test() {
    for (;;) asm volatile("");
}

}  // namespace sb::board_app
