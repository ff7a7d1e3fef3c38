// tools/diff/sbd: writes what core/delta/sbd/plan.hpp reads.
#pragma once

#include <vector>

#include "core/delta/sbd/plan.hpp"

namespace sb::diff {

/// The preamble of a patch. Requires: at most BlockMap::max_blocks blocks, in the order of the new image.
/// Throws std::length_error when it is larger than a decoder takes.
[[nodiscard]] std::vector<std::uint8_t> write_preamble(const sbd::Plan& plan, std::span<const sbd::MapBlock> blocks);

}  // namespace sb::diff
