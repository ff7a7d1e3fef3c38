// What runs before main(): the vector table, the copy of .data, zeros for .bss, static constructors; and a fault
// handler that says where it happened.
#include <cstdint>

#include "board/nrf51/registers.hpp"

extern "C" {

extern std::uint32_t app_stack_top, app_data_start, app_data_end, app_data_load, app_bss_start, app_bss_end;
using Constructor = void (*)();
extern Constructor app_init_start[], app_init_end[];

int main();
void app_uart_interrupt();
void app_timer_interrupt();
[[noreturn]] void app_fault_report(std::uint32_t pc);

[[noreturn]] void app_reset() {
    const std::uint32_t* from = &app_data_load;
    for (std::uint32_t* to = &app_data_start; to < &app_data_end; ++to) *to = *from++;
    for (std::uint32_t* to = &app_bss_start; to < &app_bss_end; ++to) *to = 0;
    for (Constructor* c = app_init_start; c < app_init_end; ++c) (*c)();
    main();
    for (;;) {
    }
}

/// The processor stacked eight words; the seventh is where it was.
[[noreturn]] void app_fault_frame(const std::uint32_t* frame) {
    app_fault_report(frame[6]);
}

[[gnu::naked]] void app_fault() {
    asm volatile(
        "mrs r0, msp\n"
        "ldr r1, =app_fault_frame\n"
        "bx r1\n");
}

[[noreturn]] void app_unexpected() {
    app_fault_report(0);
}

using Vector = void (*)();
struct VectorTable {
    std::uint32_t* stack;
    Vector vectors[47];
};

extern const VectorTable app_vectors;
[[gnu::section(".vectors"), gnu::used]] const VectorTable app_vectors = {&app_stack_top,
                                                                         {
                                                                             app_reset,       // 1
                                                                             app_unexpected,  // NMI
                                                                             app_fault,       // 3
                                                                             nullptr,
                                                                             nullptr,
                                                                             nullptr,
                                                                             nullptr,
                                                                             nullptr,
                                                                             nullptr,
                                                                             nullptr,
                                                                             app_unexpected,  // SVCall
                                                                             nullptr,
                                                                             nullptr,
                                                                             app_unexpected,  // PendSV
                                                                             app_unexpected,  // SysTick
                                                                             // interrupts 0 … 31
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_uart_interrupt,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_timer_interrupt,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                             app_unexpected,
                                                                         }};

}  // extern "C"
