// tests/stack: the machine that the firmware measures on: QEMU's mps2-an385 with its debugger for output and exit
// (semihosting: ARM "Semihosting for AArch32 and AArch64", operations SYS_WRITE0 and SYS_EXIT_EXTENDED), and a
// stack that is painted to see how deep it was used. No interrupt is ever enabled, so nothing but the measured
// code writes below the stack pointer.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

extern "C" {
extern std::uint32_t stack_bottom[];        // NOLINT: these four come from the linker script
extern const std::uint8_t fixture_begin[];  // NOLINT
extern const std::uint8_t core_begin[];     // NOLINT
extern const std::uint8_t core_end[];       // NOLINT
}

namespace sb::stack {

[[gnu::naked, gnu::noinline]] inline void semihost(std::uint32_t /*operation: r0*/, const void* /*argument: r1*/) {
    asm volatile("bkpt 0xAB\n\tbx lr");
}

inline void print(const char* text) {
    semihost(0x04, text);
}

/// Prints "name = value" for the runner.
inline void print(const char* name, std::uint32_t value) {
    std::array<char, 11> digits{};
    std::size_t at = digits.size() - 1;
    do {
        digits[--at] = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    print(name);
    print(" = ");
    print(digits.data() + at);
    print("\n");
}

/// Ends QEMU with `status` as its exit status.
[[noreturn]] inline void leave(std::uint32_t status) {
    const std::array<std::uint32_t, 2> reason = {0x20026, status};  // ADP_Stopped_ApplicationExit
    semihost(0x20, reason.data());
    for (;;) {
    }
}

inline constexpr std::uint32_t paint = 0xC5C5C5C5;

[[gnu::always_inline]] inline std::uint32_t* stack_pointer() {
    std::uint32_t* sp = nullptr;
    asm volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

/// Paints all that lies below its own frame.
[[gnu::noinline]] inline void paint_stack() {
    for (volatile std::uint32_t* at = stack_pointer(); at != stack_bottom;) *--at = paint;
}

/// Bytes of stack below the caller's frame that `work` used, the frames of all that it called included.
template <class Work>
[[gnu::noinline]] std::uint32_t stack_used_by(Work work) {
    paint_stack();
    const std::uint32_t* const from = stack_pointer();
    work();
    const volatile std::uint32_t* deepest = stack_bottom;
    while (deepest != from && *deepest == paint) ++deepest;
    return static_cast<std::uint32_t>(from - const_cast<const std::uint32_t*>(deepest)) * sizeof(std::uint32_t);
}

}  // namespace sb::stack
