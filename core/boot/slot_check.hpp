// core/boot: whether the image in a slot may run from there. The one question that bootloader, installer and status
// all ask, so that they cannot disagree.
#pragma once

#include "core/flash/map.hpp"
#include "core/image/image.hpp"
#include "core/journal/state.hpp"

namespace sb {

/// Where the image in `slot` begins. Swap writes what comes in one unit up in B; after the exchange the image that ran
/// before stands at its start. `phase` tells which of the two is meant.
[[nodiscard]] Region image_region(const FlashMap& map, SlotId slot, Phase phase);

/// Verifies the image in `slot` (digest and signature), its header size and, where it is bound to an address, that
/// the address is the one it would run at. Where images neither move nor are remapped, only bound ones run. `scratch`
/// as for verify_image.
/// Errors: those of verify_image; wrong_header; wrong_address; too_large.
[[nodiscard]] Result<VerifiedImage> check_slot(const FlashMap& map, SlotId slot, Phase phase, Crypto& crypto,
                                               KeyRing keys, MutableBytes scratch);

/// The same of an image whose bytes `reader` shows, as if it stood in `slot`.
[[nodiscard]] Result<VerifiedImage> check_image(const FlashMap& map, SlotId slot, Reader& reader, Crypto& crypto,
                                                KeyRing keys, MutableBytes scratch);

/// Whether an image with this header fits `slot`: header size, size, address. Reads no flash.
/// Errors: wrong_header, too_large, wrong_address.
[[nodiscard]] Result<void> check_fit(const FlashMap& map, SlotId slot, const ImageInfo& info);

/// A bound Cortex-M image must start inside itself: word 1 of its vector table is the reset handler (ARMv6-M
/// Architecture Reference Manual, B1.5.3). Catches one that was linked for another slot than it was signed for.
/// Errors: wrong_address; those of the reader.
[[nodiscard]] Result<void> check_start(const FlashMap& map, Reader& image, const ImageInfo& info);

}  // namespace sb
