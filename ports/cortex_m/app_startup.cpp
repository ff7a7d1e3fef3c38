// Start of an application. Its own vector table stands behind the image header; on a part without VTOR the bootloader
// passes interrupts on to it. A fault resets: the bootloader counts that as a try of an image that is on trial.
#include "ports/cortex_m/startup.hpp"
#include "ports/port.hpp"

extern "C" {

[[noreturn]] void sb_fault() {
    sb::port::reset();
}

/// The interrupt that cannot be masked: on some boards a watchdog's warning.
[[gnu::weak]] void sb_nmi() {
    sb_fault();
}

[[noreturn]] void Reset_Handler() {
    sb::cortex_m::prepare_memory();
    sb_main();
}

#define SB_FAULT_4                                                                      \
    reinterpret_cast<const void*>(&sb_fault), reinterpret_cast<const void*>(&sb_fault), \
        reinterpret_cast<const void*>(&sb_fault), reinterpret_cast<const void*>(&sb_fault)
/// Stack pointer, reset, 14 of the system and 32 interrupts: none of the latter is enabled here.
[[gnu::section(".vectors"), gnu::used]] const void* const sb_vector_table[48] = {
    __stack_top,
    reinterpret_cast<const void*>(&Reset_Handler),
    reinterpret_cast<const void*>(&sb_nmi),
    reinterpret_cast<const void*>(&sb_fault),
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
    SB_FAULT_4,
};
}
