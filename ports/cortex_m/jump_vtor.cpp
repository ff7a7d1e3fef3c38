// Leaving the bootloader on a part with VTOR. Source of facts: ARMv7-M Architecture Reference Manual, B3.2.5.
#include "ports/cortex_m/leave.hpp"
#include "ports/port.hpp"

namespace sb::port {

/// A function of its own also when all is linked as one: tests stop here.
[[gnu::noinline]] void jump(std::uint32_t vectors) {
    *reinterpret_cast<volatile std::uint32_t*>(0xE000ED08) = vectors;
    asm volatile("dsb\n\tisb" ::: "memory");
    cortex_m::start_program(vectors);
}

void reset() {
    cortex_m::reset_processor();
}

}  // namespace sb::port
