// ports/microbit: registers of the nRF51822 that this port uses. Source of facts: nRF51 Series Reference Manual 3.0,
// chapters NVMC, UART, TIMER, MPU; pins: micro:bit V1 schematic (P0.24 to the interface chip, P0.25 from it).
#pragma once

#include <cstdint>

namespace sb::microbit {

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

namespace nvmc {
inline constexpr std::uint32_t ready = 0x4001E400;
inline constexpr std::uint32_t config = 0x4001E504;
inline constexpr std::uint32_t erase_page = 0x4001E508;
inline constexpr std::uint32_t config_read = 0;
inline constexpr std::uint32_t config_write = 1;
inline constexpr std::uint32_t config_erase = 2;
}  // namespace nvmc

namespace uart {
inline constexpr std::uint32_t start_rx = 0x40002000;
inline constexpr std::uint32_t start_tx = 0x40002008;
inline constexpr std::uint32_t rx_ready = 0x40002108;
inline constexpr std::uint32_t tx_ready = 0x4000211C;
inline constexpr std::uint32_t enable = 0x40002500;
inline constexpr std::uint32_t pin_tx = 0x4000250C;
inline constexpr std::uint32_t pin_rx = 0x40002514;
inline constexpr std::uint32_t rx = 0x40002518;
inline constexpr std::uint32_t tx = 0x4000251C;
inline constexpr std::uint32_t baud_rate = 0x40002524;
inline constexpr std::uint32_t baud_115200 = 0x01D7E000;
inline constexpr std::uint32_t enabled = 4;
}  // namespace uart

namespace timer0 {
inline constexpr std::uint32_t start = 0x40008000;
inline constexpr std::uint32_t clear = 0x4000800C;
inline constexpr std::uint32_t capture0 = 0x40008040;
inline constexpr std::uint32_t bit_mode = 0x40008508;
inline constexpr std::uint32_t prescaler = 0x40008510;
inline constexpr std::uint32_t compare0 = 0x40008540;
inline constexpr std::uint32_t bits_32 = 3;
inline constexpr std::uint32_t microseconds = 4;  // 16 MHz / 2^4
}  // namespace timer0

namespace mpu {
/// PROTENSET0 and 1: a bit for each 4 KB of flash, which then no program can write or erase until the next reset.
inline constexpr std::uint32_t protect_set0 = 0x40000600;
inline constexpr std::uint32_t protect_set1 = 0x40000604;
}  // namespace mpu

}  // namespace sb::microbit
