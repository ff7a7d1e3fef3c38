// ports/cortex_m: how a program is left, for parts with and without VTOR. Source of facts: ARMv6-M and ARMv7-M
// Architecture Reference Manuals, B3.2.6 (AIRCR: key and SYSRESETREQ).
#pragma once

#include <cstdint>

namespace sb::cortex_m {

/// As the processor does at a reset: stack pointer and first address are the first two words at `vectors`.
[[noreturn]] inline void start_program(std::uint32_t vectors) {
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

[[noreturn]] inline void reset_processor() {
    *reinterpret_cast<volatile std::uint32_t*>(0xE000ED0C) = 0x05FA0004;
    asm volatile("dsb" ::: "memory");
    for (;;) {
    }
}

}  // namespace sb::cortex_m
