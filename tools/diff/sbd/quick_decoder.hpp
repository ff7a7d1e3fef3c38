// tools/diff/sbd: decodes the segments of an sbd patch side by side, as fast as a host can. A segment starts with
// nothing learned, but may read what those before it make: where that is not made yet, it waits. So each byte is
// what decoding one segment after the other gives, and no segment waits for itself: the first one waits for none.
#pragma once

#include "tools/diff/sbd/whole_decoder.hpp"

namespace sb::diff {

/// The new image of a patch that is not stored. Requires: `old` has the size that the patch tells. Throws PatchError.
[[nodiscard]] std::vector<std::uint8_t> decode_segments(Bytes old, const SbdPatch& opened, unsigned threads);

}  // namespace sb::diff
