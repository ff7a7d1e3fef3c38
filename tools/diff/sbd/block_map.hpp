// tools/diff/sbd: which stretches of the old image stand where in the new one. The longest of them go in front of an
// sbd patch: with them a decoder knows where most addresses have moved before it has met one.
#pragma once

#include <vector>

#include "core/delta/sbd/address_map.hpp"

namespace sb::diff {

/// new[new_at, new_at + bytes) is predicted from S[source_at, source_at + bytes), where S is the old image ++ the new
/// one. A run lies in one of the two.
struct SourceRun {
    std::uint32_t new_at = 0;
    std::uint32_t source_at = 0;
    std::uint32_t bytes = 0;

    [[nodiscard]] std::uint32_t diagonal() const { return source_at - new_at; }  ///< modulo 2^32
    bool operator==(const SourceRun&) const = default;
};

using sbd::MapBlock;

struct BlockMapLimits {
    std::size_t blocks = 64;
    std::uint32_t min_bytes = 48;  ///< shorter runs say little about where addresses go
};

/// The largest blocks that `runs` make, in the order of the new image and without overlap there. Neighbours on one
/// diagonal become one block, with what lies between them.
[[nodiscard]] std::vector<MapBlock> block_map(std::span<const SourceRun> runs, std::uint32_t old_bytes,
                                              const BlockMapLimits& limits);

}  // namespace sb::diff
