// tools/diff: patches for a device that has one slot and rewrites the image where it stands: there, and the way back.
#pragma once

#include "tools/diff/patch.hpp"

namespace sb::diff {

/// The patch from the new image to the old one.
struct WayBack {
    std::uint32_t from = 0;  ///< where in the payload it begins
    std::uint32_t shift = 0;
    std::vector<std::uint8_t> parameters;
};

struct InPlacePatch {
    std::vector<std::uint8_t> payload;     ///< the patch, and behind it the way back
    std::vector<std::uint8_t> parameters;  ///< of sbd: preamble of the patch
    std::uint32_t shift = 0;               ///< bytes by which the old image is moved up first
    std::optional<WayBack> way_back;
    PayloadFormat format = PayloadFormat::sbd;
    std::uint32_t decoder_ram_bytes = 0;
};

/// From `old` to `new_image` in a slot of `slot_bytes` with erase units of `erase_bytes` (a power of two), as `how`
/// says otherwise. Throws OptionError where an image is larger than the slot.
[[nodiscard]] InPlacePatch make_in_place(Bytes old, Bytes new_image, DiffOptions how, std::uint32_t slot_bytes,
                                         std::uint32_t erase_bytes, bool with_way_back);

}  // namespace sb::diff
