// tools/diff: which covers a patch of HPatchLite is made of: several ways to find them are tried, and prices learnt
// from the patches that come out; the smallest patch stays.
#pragma once

#include "tools/diff/hpatchlite_writer.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

/// The smallest patch found. `dictionary_bytes`: of tinyuz; 0: not packed.
[[nodiscard]] std::vector<std::uint8_t> smallest_hpatchlite(Bytes old, Bytes new_image, std::uint32_t dictionary_bytes,
                                                            const DiffOptions& options);

}  // namespace sb::diff
