// tools/diff/sbd: decodes the fast form: 200 MB/s and more on a host, within some MB of memory, whatever the images'
// size. Both images are read and written in order, a piece at a time.
#pragma once

#include "tools/diff/patch.hpp"

namespace sb::diff {

/// Requires: is_fast_form(). Throws PatchError; for another old image with wrong_source.
void apply_fast(Reader& old, Reader& patch, Sink& out);

/// Explains a patch, without the old image. Throws PatchError.
[[nodiscard]] PatchInfo inspect_fast(Bytes patch);

}  // namespace sb::diff
