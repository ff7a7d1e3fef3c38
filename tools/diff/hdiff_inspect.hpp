// tools/diff: explains patches of HDiffPatch without the old image.
#pragma once

#include "tools/diff/patch.hpp"

namespace sb::diff {

/// HDIFF13. Throws PatchError.
[[nodiscard]] PatchInfo inspect_hdiff_parts(Bytes patch);
/// HDIFFSF20. Throws PatchError.
[[nodiscard]] PatchInfo inspect_hdiff_steps(Bytes patch);

}  // namespace sb::diff
