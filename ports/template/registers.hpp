// ports/template: registers of the part. (yours) Each address and each bit, with the manual and the section it comes
// from; these are an imagined part's.
#pragma once

#include <cstdint>

namespace sb::template_board {

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

namespace uart {
inline constexpr std::uint32_t status = 0x40004000;
inline constexpr std::uint32_t data = 0x40004004;
inline constexpr std::uint32_t baud_divider = 0x40004008;
inline constexpr std::uint32_t control = 0x4000400C;
inline constexpr std::uint32_t has_byte = 1U << 0;
inline constexpr std::uint32_t takes_byte = 1U << 1;
inline constexpr std::uint32_t both_ways = 3;
inline constexpr std::uint32_t baud_115200 = 16'000'000 / 115'200;
}  // namespace uart

namespace timer {
inline constexpr std::uint32_t prescaler = 0x40008000;
inline constexpr std::uint32_t control = 0x40008004;
inline constexpr std::uint32_t count = 0x40008008;
inline constexpr std::uint32_t microseconds = 16 - 1;  // of a clock of 16 MHz
inline constexpr std::uint32_t run = 1;
}  // namespace timer

/// The controller of the flash: unlocked by two keys, told what to do, then busy.
namespace nvm {
inline constexpr std::uint32_t key = 0x40022004;
inline constexpr std::uint32_t status = 0x4002200C;
inline constexpr std::uint32_t control = 0x40022010;
inline constexpr std::uint32_t page = 0x40022014;
inline constexpr std::uint32_t key_1 = 0x45670123;
inline constexpr std::uint32_t key_2 = 0xCDEF89AB;
inline constexpr std::uint32_t busy = 1U << 0;
inline constexpr std::uint32_t failed = 1U << 2 | 1U << 4;
inline constexpr std::uint32_t program = 1U << 0;
inline constexpr std::uint32_t erase = 1U << 1;
inline constexpr std::uint32_t start = 1U << 6;
inline constexpr std::uint32_t lock = 1U << 7;
}  // namespace nvm

}  // namespace sb::template_board
