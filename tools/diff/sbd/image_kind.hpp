// tools/diff/sbd: which instructions an image is made of, from how often those occur that each program has: calls into
// the image and returns.
#pragma once

#include "core/base/bytes.hpp"
#include "core/delta/sbd/field.hpp"

namespace sb::diff {

/// `none` when unsure: a patch made for no architecture is larger, one made for the wrong one is larger still.
/// Looks at the first 16 MB only, and at no table of segments (segments.hpp), which may say it outright.
[[nodiscard]] sbd::Architecture detect_architecture(Bytes image);

}  // namespace sb::diff
