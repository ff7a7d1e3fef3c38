// tools/layout: the largest image that each scheme would leave on the same flash, to choose one by.
#pragma once

#include <cstdint>

#include "tools/layout/layout.hpp"

namespace sb::layout {

/// The largest image (header through last TLV) with `scheme`, were the flash of slot_a and slot_b cut anew for it.
/// Boot, journal and golden stay as they are; slots that do not adjoin stay where they are too. Units of exchange are
/// tried in the sizes that erase units have. ram-load: no more than [load] holds, or [ram] where that is all that is
/// known. 0: the scheme cannot work there.
/// Requires: check() accepts the regions.
[[nodiscard]] std::uint32_t most_image_bytes(const Layout& layout, Scheme scheme);

}  // namespace sb::layout
