#include "examples/board_app/temper.hpp"

#include <cstdint>

namespace sb::board_app {

void at_start() {}

/// Constants, variables and the stack are where the linker script and the start-up put them.
bool self_test() {
    static volatile std::uint32_t initialised = 0x600DF00D;
    static volatile std::uint32_t cleared;
    volatile std::uint32_t local = initialised;
    return local == 0x600DF00D && cleared == 0;
}

}  // namespace sb::board_app
