// core/stage0: the seal at the end of a copy of the bootloader: that all of it was written and verified, and which of
// the two copies is the newer one. Written last, twice, by the bootloader that wrote the copy; a copy without a seal
// does not start. One that a cut struck may be read at one boot and not at the next: before the other copy is given up,
// the one that runs proves its own.
//
//   offset  size  field
//        0     4  magic, "SB0s"
//        4     4  number: one more than that of the copy that wrote it
//        8     4  bytes of the image, from the start of the copy
//       12     4  CRC-32 (IEEE 802.3) of these bytes
//       16     4  CRC-32 of bytes 0 to 15
//
// Little-endian, in six places at the very end of the copy, each on granules of its own: seal() writes the first two,
// in this order; the others are for prove_seal().
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

/// What seals take at the end of `copy`: an image is no larger than the rest.
[[nodiscard]] std::uint32_t seals_bytes(const Region& copy);

/// The seal of `copy`, from any of its places, or nothing. It may be one that a power cut left weak: what it says of
/// the image is to be checked.
[[nodiscard]] std::optional<Seal> read_seal(const Region& copy);

/// Whether the image in `copy` is what `seal` says. Reads all of it.
[[nodiscard]] bool image_matches(const Region& copy, const Seal& seal);

/// The seal of `copy`, after which it will be read at every boot, whatever was cut when it was written. To be called on
/// the copy that runs before anything is done to the other one. Errors: bad_state where no seal reads; readback, or
/// those of the flash, when none of its places takes one any more.
[[nodiscard]] Result<Seal> prove_seal(const Region& copy);

/// Takes the seals away: the copy does not start any more. Errors: those of the flash.
[[nodiscard]] Result<void> unseal(const Region& copy);

/// Seals the first `image_bytes` of `copy` as number `number`. Requires: unseal() in this session, and that the image
/// does not reach the seals. Errors: out_of_range when it does; readback when the seal does not read as it was
/// written; those of the flash.
[[nodiscard]] Result<void> seal(const Region& copy, std::uint32_t number, std::uint32_t image_bytes);

}  // namespace sb
