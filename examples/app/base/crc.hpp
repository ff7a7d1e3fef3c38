// Two check sums that other people's equipment dictates: CRC-32 (IEEE 802.3) of images and stored records,
// CRC-16 of Modbus frames (polynomial 0x8005 reflected, initial value 0xFFFF).
#pragma once

#include <cstdint>
#include <span>

namespace app {

using Bytes = std::span<const std::uint8_t>;

/// CRC-32 of `data`; pass the result of the part before as `crc` to go on.
[[nodiscard]] std::uint32_t crc32(Bytes data, std::uint32_t crc = 0);

/// CRC-16/MODBUS of `data`; goes on the wire low byte first.
[[nodiscard]] std::uint16_t crc16_modbus(Bytes data);

}  // namespace app
