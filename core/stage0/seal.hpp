// core/stage0: the seal at the end of a copy of the bootloader: that all of it was written and verified, and which of
// the two copies is the newer one. Written last, twice, by the bootloader that wrote the copy; a copy without a seal
// does not start.
//
//   offset  size  field
//        0     4  magic, "SB0s"
//        4     4  number: one more than that of the copy that wrote it
//        8     4  bytes of the image, from the start of the copy
//       12     4  CRC-32 (IEEE 802.3) of these bytes
//       16     4  CRC-32 of bytes 0 to 15
//
// Little-endian; each of the two on granules of its own, the first in front of the second, both at the very end.
#pragma once

#include <optional>

#include "core/flash/region.hpp"

namespace sb {

struct Seal {
    std::uint32_t number = 0;
    std::uint32_t image_bytes = 0;
    std::uint32_t image_crc = 0;
    bool operator==(const Seal&) const = default;
};

/// Granules beyond this are refused, as for records of the journal.
inline constexpr std::uint32_t max_seal_granule = 512;

/// What both seals take at the end of `copy`: an image is no larger than the rest.
[[nodiscard]] std::uint32_t seals_bytes(const Region& copy);

/// The seal of `copy`, from either place, or nothing. It may be one that a power cut left weak: what it says of the
/// image is to be checked.
[[nodiscard]] std::optional<Seal> read_seal(const Region& copy);

/// Whether the image in `copy` is what `seal` says. Reads all of it.
[[nodiscard]] bool image_matches(const Region& copy, const Seal& seal);

/// Takes the seals away: the copy does not start any more. Errors: those of the flash.
[[nodiscard]] Result<void> unseal(const Region& copy);

/// Seals the first `image_bytes` of `copy` as number `number`. Requires: unseal() in this session, and that the image
/// does not reach the seals. Errors: out_of_range when it does; readback when the seal does not read as it was
/// written; those of the flash.
[[nodiscard]] Result<void> seal(const Region& copy, std::uint32_t number, std::uint32_t image_bytes);

}  // namespace sb
