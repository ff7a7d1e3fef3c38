// Leaving the bootloader. Source of facts: ARMv6-M Architecture Reference Manual, B3.2.6 (AIRCR: key and SYSRESETREQ).
#include "ports/cortex_m/forward.hpp"
#include "ports/port.hpp"

namespace sb::port {

/// A function of its own also when all is linked as one: tests stop here.
[[gnu::noinline]] void jump(std::uint32_t vectors) {
    protect();
    *reinterpret_cast<volatile std::uint32_t*>(cortex_m::forward_address) = vectors;
    asm volatile(
        "ldr r1, [%0]\n\t"
        "ldr r0, [%0, #4]\n\t"
        "msr msp, r1\n\t"
        "bx r0"
        :
        : "l"(vectors)
        : "r0", "r1", "memory");
    __builtin_unreachable();
}

void reset() {
    *reinterpret_cast<volatile std::uint32_t*>(0xE000ED0C) = 0x05FA0004;
    asm volatile("dsb" ::: "memory");
    for (;;) {
    }
}

}  // namespace sb::port
