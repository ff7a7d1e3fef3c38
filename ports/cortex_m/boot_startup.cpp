// Start of a bootloader on a part without VTOR: the processor takes every vector from here. All but the first two read
// where the image has its table (forward.hpp) and go on there; while none runs, a fault resets.
// Source of facts: ARMv6-M Architecture Reference Manual, B1.5.2 (vector table), B1.5.3 (reset), B3.2.6 (AIRCR).
#include "ports/cortex_m/forward.hpp"
#include "ports/cortex_m/startup.hpp"

extern "C" {

[[gnu::naked, gnu::used]] void sb_forward() {
    asm volatile(
        ".syntax unified\n\t"
        "ldr r1, =%c0\n\t"
        "ldr r1, [r1]\n\t"
        "cmp r1, #0\n\t"
        "beq 1f\n\t"
        "mrs r0, ipsr\n\t"
        "lsls r0, r0, #2\n\t"
        "ldr r0, [r1, r0]\n\t"
        "bx r0\n"
        "1:\tldr r0, =0xE000ED0C\n\t"
        "ldr r1, =0x05FA0004\n\t"
        "str r1, [r0]\n\t"
        "dsb\n"
        "2:\tb 2b\n\t"
        ".ltorg"
        :
        : "i"(sb::cortex_m::forward_address));
}

[[noreturn]] void Reset_Handler() {
    *reinterpret_cast<volatile std::uint32_t*>(sb::cortex_m::forward_address) = 0;
    sb::cortex_m::prepare_memory();
    sb_main();
}

#define SB_4(x) x, x, x, x
#define SB_16(x) SB_4(x), SB_4(x), SB_4(x), SB_4(x)
[[gnu::section(".vectors"), gnu::used]] const void* const sb_vector_table[48] = {
    __stack_top,
    reinterpret_cast<const void*>(&Reset_Handler),
    SB_16(reinterpret_cast<const void*>(&sb_forward)),
    SB_16(reinterpret_cast<const void*>(&sb_forward)),
    SB_4(reinterpret_cast<const void*>(&sb_forward)),
    SB_4(reinterpret_cast<const void*>(&sb_forward)),
    SB_4(reinterpret_cast<const void*>(&sb_forward)),
    reinterpret_cast<const void*>(&sb_forward),
    reinterpret_cast<const void*>(&sb_forward),
};
}
