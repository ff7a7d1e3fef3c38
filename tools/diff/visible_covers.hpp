// tools/diff: covers for a device that overwrites the old image while it makes the new one.
#pragma once

#include "tools/diff/cover.hpp"
#include "tools/diff/sbd/match_finder.hpp"

namespace sb::diff {

/// Of `covers`, what reads nothing of the old image that is not there any more. `new_bytes`: of the whole new image.
[[nodiscard]] Covers visible_covers(const Covers& covers, const Visibility& visible, std::size_t new_bytes);

}  // namespace sb::diff
