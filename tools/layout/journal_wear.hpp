// tools/layout: what updates cost the journal of a layout: the records of whole updates, written by the core's journal
// into simulated flash.
#pragma once

#include <cstdint>

#include "tools/layout/layout.hpp"

namespace sb::layout {

struct JournalWear {
    std::uint32_t updates_measured = 0;
    std::uint32_t records_per_update = 0;  ///< states that are recorded, each once
    double erases_per_update = 0;          ///< of the erase unit of the journal that wears fastest
    std::uint32_t rated_cycles = 0;        ///< of the part that holds the journal
    std::uint64_t updates_to_rated = 0;    ///< until that unit reaches them
    /// inplace: of the erase unit that wears fastest of those that hold the marks of a rewriting; 0 with the others.
    double mark_erases_per_update = 0;
};

/// Of updates that fill the slot, come in without a cut, are tried once and confirmed: a record wherever a download can
/// go on, one for each step that brings the image to where it runs, and those in between.
/// Requires: check() accepted the layout.
[[nodiscard]] JournalWear journal_wear(const Layout& layout);

}  // namespace sb::layout
