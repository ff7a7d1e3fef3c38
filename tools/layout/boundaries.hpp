// tools/layout: where erase units end, and how far units of one size reach: what scheme swap asks of a map.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/layout/layout.hpp"

namespace sb::layout {

/// The start of a region and the end of each of its erase units, ascending: bytes from the start of the region.
using Boundaries = std::vector<std::uint32_t>;
/// Requires: the region starts and ends between erase units of `part`.
[[nodiscard]] Boundaries boundaries_of(const Part& part, std::uint32_t offset, std::uint32_t bytes);
[[nodiscard]] Boundaries boundaries_of(const Layout& layout, const RegionSpec& region);

/// Whether each multiple of `unit` from 0 to `bytes` is one of `all`.
[[nodiscard]] bool tiles(const Boundaries& all, std::uint32_t unit, std::uint64_t bytes);

/// For each boundary: how many units of `unit` bytes follow it, each ending at a boundary again.
[[nodiscard]] std::vector<std::uint32_t> runs_of(const Boundaries& all, std::uint32_t unit);

/// The sizes of the erase units, ascending, each once.
[[nodiscard]] std::vector<std::uint32_t> unit_sizes(const Boundaries& all);

}  // namespace sb::layout
