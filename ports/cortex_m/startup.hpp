// ports/cortex_m: what runs before a program's main, for bootloader and application alike. Symbols are those of the
// linker script that `switchback layout gen` writes.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
extern std::uint32_t __stack_top[];          // NOLINT: names of the linker script
extern std::uint32_t __data_start__[];       // NOLINT
extern std::uint32_t __data_end__[];         // NOLINT
extern const std::uint32_t __data_load__[];  // NOLINT
extern std::uint32_t __bss_start__[];        // NOLINT
extern std::uint32_t __bss_end__[];          // NOLINT
/// The program. Never returns.
[[noreturn]] void sb_main();
}

namespace sb::cortex_m {

inline void prepare_memory() {
    const std::uint32_t* from = __data_load__;
    for (std::uint32_t* to = __data_start__; to != __data_end__;) *to++ = *from++;
    for (std::uint32_t* to = __bss_start__; to != __bss_end__;) *to++ = 0;
}

using Handler = void (*)();

}  // namespace sb::cortex_m
