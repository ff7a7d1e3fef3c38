// sim/powercut: the ways in which the power can go during one operation (docs/power.md, "What power loss may do").
#pragma once

#include "sim/flash/nor_flash.hpp"

namespace sb::sim {

/// All of them, `seeds` of each that has randomness; ways that leave the same behind are named once. The cuts strike
/// at operation 1. Where the records are lost with the cut, cells do not fade: without records there are only the cells
/// to tell what was done, and these read right at every boot but the one that counts (docs/powercut.md).
[[nodiscard]] std::vector<PowerCut> cuts_of(bool is_erase, std::uint64_t seeds, bool records_survive = true);

/// "partial, seed 3", "reads blank, weak: as it was".
[[nodiscard]] std::string describe(const PowerCut& cut);

}  // namespace sb::sim
