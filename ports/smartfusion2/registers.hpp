// ports/smartfusion2: registers of the SmartFusion2's microcontroller subsystem that this port uses. Source of facts:
// SmartFusion2 Microcontroller Subsystem User Guide (UG0331), chapters MMUART, SPI, Ethernet MAC, System Timer. The
// clock is that of Emcraft's SOM: 142 MHz, half of it for the peripherals.
#pragma once

#include <cstdint>

namespace sb::smartfusion2 {

inline volatile std::uint32_t& reg(std::uint32_t address) {
    return *reinterpret_cast<volatile std::uint32_t*>(address);  // NOLINT(performance-no-int-to-ptr): hardware
}

inline constexpr std::uint32_t ticks_a_microsecond = 71;

/// A 16550.
namespace uart {
inline constexpr std::uint32_t data = 0x40000000;
inline constexpr std::uint32_t divisor_low = 0x40000000;  // these two while the divisor is open
inline constexpr std::uint32_t divisor_high = 0x40000004;
inline constexpr std::uint32_t interrupts = 0x40000004;
inline constexpr std::uint32_t fifo_control = 0x40000008;
inline constexpr std::uint32_t line_control = 0x4000000C;
inline constexpr std::uint32_t line_status = 0x40000014;
inline constexpr std::uint32_t fifo_on_and_empty = 0x07;
inline constexpr std::uint32_t eight_bits = 0x03;
inline constexpr std::uint32_t divisor_open = 0x80;
inline constexpr std::uint32_t received = 0x01;
inline constexpr std::uint32_t may_send = 0x20;
inline constexpr std::uint32_t divisor_115200 = 39;  // 71 MHz / (16 * 115200) = 38.5
}  // namespace uart

/// Counts down, and from the load value again.
namespace timer1 {
inline constexpr std::uint32_t value = 0x40004000;
inline constexpr std::uint32_t load = 0x40004004;
inline constexpr std::uint32_t control = 0x4000400C;
inline constexpr std::uint32_t enabled = 1;
}  // namespace timer1

namespace spi {
inline constexpr std::uint32_t control = 0x40001000;
inline constexpr std::uint32_t frame_bits = 0x40001004;
inline constexpr std::uint32_t status = 0x40001008;
inline constexpr std::uint32_t received = 0x40001010;
inline constexpr std::uint32_t transmit = 0x40001014;
inline constexpr std::uint32_t clock = 0x40001018;
inline constexpr std::uint32_t select = 0x4000101C;
inline constexpr std::uint32_t rx_empty = 0x40;
inline constexpr std::uint32_t enabled_master = 0x03;
inline constexpr std::uint32_t selected_for_all_frames = 1U << 26U;
inline constexpr std::uint32_t big_fifo = 1U << 29U;
inline constexpr std::uint32_t count_shift = 8;
inline constexpr std::uint32_t most_frames = 0xFFFF;
inline constexpr std::uint32_t clock_by_4 = 1;  // 71 MHz / 2^(1 + 1): less than the part's 25 MHz for READ
}  // namespace spi

namespace emac {
inline constexpr std::uint32_t config1 = 0x40041000;
inline constexpr std::uint32_t config2 = 0x40041004;
inline constexpr std::uint32_t address_high = 0x40041040;  // octets 1 to 4, the first on top
inline constexpr std::uint32_t address_low = 0x40041044;   // octets 5 and 6, on top
inline constexpr std::uint32_t fifo_config0 = 0x40041048;
inline constexpr std::uint32_t fifo_config5 = 0x4004105C;
inline constexpr std::uint32_t tx_control = 0x40041180;
inline constexpr std::uint32_t tx_descriptor = 0x40041184;
inline constexpr std::uint32_t tx_status = 0x40041188;
inline constexpr std::uint32_t rx_control = 0x4004118C;
inline constexpr std::uint32_t rx_descriptor = 0x40041190;
inline constexpr std::uint32_t rx_status = 0x40041194;
inline constexpr std::uint32_t receive_and_transmit = 0x05;
inline constexpr std::uint32_t full_duplex_padded = 0x7205;  // 10/100 Mbit/s, padding and CRC by the MAC
inline constexpr std::uint32_t all_fifos = 0x1F00;
inline constexpr std::uint32_t no_filter = 0x3FFFF;  // frames are not dropped for their kind
inline constexpr std::uint32_t dma_enabled = 1;
inline constexpr std::uint32_t one_packet = 1;
inline constexpr std::uint32_t overflow = 4;
inline constexpr std::uint32_t underrun = 2;
}  // namespace emac

}  // namespace sb::smartfusion2
