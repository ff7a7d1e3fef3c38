// ports: what one device, or one class of devices, has of its own: who made it, what it is, whose updates it takes.
// 104 bytes at the end of the region `boot`, written when the board is flashed (scripts/board_image.py), so that one
// bootloader serves every class.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/crypto/crypto.hpp"
#include "core/flash/region.hpp"
#include "core/manifest/package.hpp"

namespace sb {

struct Identity {
    Uuid vendor;
    Uuid device_class;
    TrustedKey key;
};

/// "SBid", vendor, class, key, CRC-32 (little-endian) of all that is before it.
inline constexpr std::uint32_t identity_bytes = 104;

/// Reads the identity at the end of `boot`. Errors: malformed when there is none; bad_digest when its CRC does not
/// match; those of the flash.
[[nodiscard]] Result<Identity> read_identity(const Region& boot, Crypto& crypto);

}  // namespace sb
