#include "core/delta/vcdiff_cache.hpp"

#include <algorithm>

namespace sb {

void VcdiffCache::clear() {
    std::ranges::fill(cells_, std::uint8_t{0});
    near_ = {};
    next_near_ = 0;
}

Result<void> VcdiffCache::remember(std::uint32_t address) {
    near_[next_near_++ % vcdiff_near] = address;
    std::uint32_t quotient = address / vcdiff_same_cells + 1;
    for (std::uint32_t at = address % vcdiff_same_cells; at < cells_.size(); at += vcdiff_same_cells, quotient >>= 8)
        cells_[at] = static_cast<std::uint8_t>(quotient);
    if (quotient != 0) return fail(Error::too_large);
    return {};
}

Result<void> VcdiffCache::take(unsigned mode, std::uint32_t value, std::uint32_t here) {
    std::uint32_t address = value;
    if (mode == vcdiff_mode_here) {
        address = here - value;
    } else if (mode >= vcdiff_mode_same) {
        address = same((mode - vcdiff_mode_same) * 256 + value);
    } else if (mode >= vcdiff_mode_near) {
        address += near_[mode - vcdiff_mode_near];
        if (address < value) return fail(Error::bad_patch);
    }
    if (address >= here) return fail(Error::bad_patch);
    return remember(address);
}

}  // namespace sb
