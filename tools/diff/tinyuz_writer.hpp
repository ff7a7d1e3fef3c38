// tools/diff: packs with tinyuz (docs/format-delta.md). The code has fixed prices, so the cheapest way to write the
// bytes is a shortest path; it is found up to which distances are kept in mind for repetition.
#pragma once

#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// A literal, a row of them or a match: what it makes, and its price.
struct TinyuzItem {
    std::uint32_t bytes = 0;
    std::uint32_t bits = 0;
};

/// `plain` packed, behind the size of dictionary that it needs: at most `dictionary_bytes`.
/// Requires: dictionary_bytes is not 0. Throws std::bad_alloc, std::length_error from 4 GiB.
[[nodiscard]] std::vector<std::uint8_t> write_tinyuz(Bytes plain, std::uint32_t dictionary_bytes,
                                                     std::vector<TinyuzItem>* items = nullptr);

}  // namespace sb::diff
