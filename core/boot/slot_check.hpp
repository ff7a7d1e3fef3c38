// core/boot: whether the image in a slot may run from there. The one question that bootloader, installer and status
// all ask, so that they cannot disagree.
#pragma once

#include "core/flash/map.hpp"
#include "core/image/image.hpp"

namespace sb {

/// Verifies the image in `slot` (digest and signature), its header size and, where it is bound to an address, that
/// the address is the slot's. On parts without remap only bound images run. `scratch` as for verify_image.
/// Errors: those of verify_image; wrong_header; wrong_address.
[[nodiscard]] Result<VerifiedImage> check_slot(const FlashMap& map, SlotId slot, Crypto& crypto, KeyRing keys,
                                               MutableBytes scratch);

/// Whether an image with this header fits `slot`: header size, size, address. Reads no flash.
/// Errors: wrong_header, too_large, wrong_address.
[[nodiscard]] Result<void> check_fit(const FlashMap& map, SlotId slot, const ImageInfo& info);

}  // namespace sb
