// capi: the flash map that C describes, checked before core believes it: what core requires of regions and schemes is
// asked here of numbers that somebody typed.
#pragma once

#include "capi/switchback.h"
#include "core/flash/map.hpp"

namespace sb::capi {

/// A part as regions of slots see it, and as the journal's does.
struct PartViews {
    Flash* sparing = nullptr;  ///< no erase begins while the supply is low
    Flash* plain = nullptr;
};

/// False: a region leaves its part, begins or ends inside an erase unit, lies over another one, or the scheme lacks
/// something.
[[nodiscard]] bool make_map(const switchback_map& from, std::span<const PartViews> parts, FlashMap& to);

}  // namespace sb::capi
