// tools/diff: makes a VCDIFF: parses with several prices, spells in several ways, packs with several settings, and
// keeps what is smallest.
#pragma once

#include "tools/diff/patch.hpp"

namespace sb::diff {

enum class VcdiffForm { standard, interleaved, packed };

/// `window_bytes` 0: what suits the form. Throws what SuffixIndex and liblzma's wrappers throw.
[[nodiscard]] std::vector<std::uint8_t> make_vcdiff(Bytes old, Bytes new_image, VcdiffForm form,
                                                    const DiffOptions& options);

}  // namespace sb::diff
