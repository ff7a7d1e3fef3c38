// Leaving the bootloader on a part without VTOR.
#include "ports/cortex_m/forward.hpp"
#include "ports/cortex_m/leave.hpp"
#include "ports/port.hpp"

namespace sb::port {

/// A function of its own also when all is linked as one: tests stop here.
[[gnu::noinline]] void jump(std::uint32_t vectors) {
    *reinterpret_cast<volatile std::uint32_t*>(cortex_m::forward_address) = vectors;
    cortex_m::start_program(vectors);
}

void reset() {
    cortex_m::reset_processor();
}

}  // namespace sb::port
