// Milliseconds from TIMER0 (its crystal), and the processor's own clock to compare it with.
#pragma once

#include <cstdint>

namespace app::nrf51 {

/// Starts the millisecond interrupt.
void start_clock();
[[nodiscard]] std::uint32_t milliseconds();
/// Sleeps until the next interrupt.
void sleep();
/// Processor cycles while TIMER0 counts `microseconds` (at most 4000).
[[nodiscard]] std::uint32_t processor_ticks_in(std::uint32_t microseconds);

}  // namespace app::nrf51
