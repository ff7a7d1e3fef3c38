// tools/diff: sorts the suffixes of a text in linear time and within the memory of the result. Our own, because the
// command stands alone (SB_STATIC): to load a library of it takes as long as to apply a small patch.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// Where each suffix of `text` begins, the smallest suffix first; the end of the text is smaller than any byte.
/// Requires: as many ranks as bytes, fewer than their type counts to.
void sort_suffixes(Bytes text, std::span<std::int32_t> ranks);
/// For texts from 2 GiB on.
void sort_suffixes(Bytes text, std::span<std::int64_t> ranks);

}  // namespace sb::diff
