// tools/diff: makes patches of HDiffPatch: covers by several prices, both forms, and what comes out smallest.
#pragma once

#include <optional>

#include "tools/diff/hdiff_codec.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

enum class HdiffForm { parts, steps };  ///< HDIFF13, HDIFFSF20

/// `form`: none takes the smaller one. Reports progress up to 0.95.
[[nodiscard]] Patch encode_hdiff(Bytes old, Bytes new_image, std::optional<HdiffForm> form, HdiffCodec codec,
                                 const DiffOptions& options);

}  // namespace sb::diff
