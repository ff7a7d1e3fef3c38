// sim/device: what updates cost the journal of a layout, measured on the real journal, installer and bootloader.
#pragma once

#include "sim/device/device.hpp"
#include "tools/pack/problem.hpp"

namespace sb::sim {

struct JournalWear {
    std::uint32_t updates_measured = 0;
    double erases_per_update = 0;        ///< of the erase unit of the journal that wears fastest
    std::uint32_t rated_cycles = 0;      ///< of the part that holds the journal
    std::uint64_t updates_to_rated = 0;  ///< until that unit reaches them
};

/// Runs updates on a device in memory: full packages that fill a slot, installed without a cut, tried once, confirmed.
/// Requires: layout::check() accepted the layout. Errors: environment.
[[nodiscard]] pack::Outcome<JournalWear> measure_journal_wear(const layout::Layout& layout);

}  // namespace sb::sim
