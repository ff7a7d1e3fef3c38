// core/base: CRC-32 (IEEE 802.3, reflected 0x04C11DB7, init and final xor ~0), for records, not for trust.
#pragma once

#include "core/base/bytes.hpp"

namespace sb {

/// CRC-32 of `data`, continuing from `crc` (0 to start): crc32(b, crc32(a)) == crc32(a ++ b).
[[nodiscard]] std::uint32_t crc32(Bytes data, std::uint32_t crc = 0);

}  // namespace sb
