// sim/flash: everything of a flash part that survives a power cycle.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace sb::sim {

/// How weak cells read: as chance has it, always as before or as done, as before and as done in turn from read to read,
/// or (fading) from power-up to power-up, first as done: what one boot has checked, the next one cannot read.
/// ECC parts: a granule reads whole (old or new) or unreadable, never mixed.
enum class WeakReads : std::uint8_t { random, all_old, all_new, alternating, fading };

/// One for each granule, 0 or 1; not std::vector<bool>, which is slow to search.
using Flags = std::vector<std::uint8_t>;

/// Everything that survives a power cycle, for saving, restoring and comparing.
struct FlashContent {
    std::vector<std::uint8_t> cells;
    /// One range of weak bytes: what each may read as, until a completed erase of its unit. A bit that is the same in
    /// both is settled (programming the same bytes again settles a torn program).
    struct Weak {
        std::vector<std::uint8_t> was;
        std::vector<std::uint8_t> became;
        WeakReads reads = WeakReads::random;
        bool flip = false;  ///< alternating, fading: reads as `became` next time
        bool operator==(const Weak&) const = default;
    };
    std::map<std::uint32_t, Weak> weak;       ///< by offset of the first byte; ranges never overlap
    Flags programmed;                         ///< per granule: programmed since its last erase, or not fully erased
    Flags torn;                               ///< per granule: by a cut program; may be programmed again to complete it
    Flags unreadable;                         ///< per granule: ECC fault (ecc parts only)
    std::vector<std::uint32_t> erase_counts;  ///< per erase unit, in address order
    std::uint64_t erases = 0;
    std::uint64_t programs = 0;  ///< program operations
    std::uint64_t programmed_bytes = 0;
    bool operator==(const FlashContent&) const = default;
};

}  // namespace sb::sim
