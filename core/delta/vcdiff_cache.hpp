// core/delta: how VCDIFF writes the addresses of copies (RFC 3284, section 5): as they are, as the distance back from
// here, as the distance from one of the last four addresses ("near"), or as one byte that tells which of 768 earlier
// addresses it is ("same").
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

inline constexpr unsigned vcdiff_near = 4;
inline constexpr unsigned vcdiff_same = 3;
inline constexpr unsigned vcdiff_mode_self = 0;
inline constexpr unsigned vcdiff_mode_here = 1;
inline constexpr unsigned vcdiff_mode_near = 2;
inline constexpr unsigned vcdiff_mode_same = vcdiff_mode_near + vcdiff_near;
inline constexpr unsigned vcdiff_modes = vcdiff_mode_same + vcdiff_same;

inline constexpr std::uint32_t vcdiff_same_cells = vcdiff_same * 256;
/// A place of the "same" cache only holds addresses that leave one remainder: their quotient is enough. With two
/// bytes a place, addresses reach to 48 MiB, which is plenty for a device; with three, to 4 GiB.
inline constexpr std::uint32_t vcdiff_small_cache_bytes = vcdiff_same_cells * 2;
inline constexpr std::uint32_t vcdiff_large_cache_bytes = vcdiff_same_cells * 3;

class VcdiffCache {
public:
    /// Requires: `cells` is vcdiff_small_cache_bytes or vcdiff_large_cache_bytes long; with less, most addresses are
    /// too_large.
    explicit VcdiffCache(MutableBytes cells) : cells_(cells) {}

    /// Forgets all: at the start of a window.
    void clear();

    /// Remembers the address that `mode` and `value` (a number; one byte for the same modes) mean at `here`: it is
    /// latest(). Errors: bad_patch when it is not below `here`, too_large when the cache cannot hold it.
    [[nodiscard]] Result<void> take(unsigned mode, std::uint32_t value, std::uint32_t here);
    [[nodiscard]] std::uint32_t latest() const { return near_[(next_near_ - 1U) % vcdiff_near]; }

    /// Remembers `address`. Errors: too_large.
    [[nodiscard]] Result<void> remember(std::uint32_t address);

    [[nodiscard]] std::uint32_t near(unsigned place) const { return near_[place]; }
    /// Which of near() the next address goes to.
    [[nodiscard]] unsigned next_near() const { return next_near_ % vcdiff_near; }
    /// What a place (0 to 767) of the "same" cache holds; 0 when nothing was put there.
    [[nodiscard]] std::uint32_t same(std::uint32_t place) const {
        std::uint32_t quotient = 0;
        unsigned shift = 0;
        for (std::uint32_t at = place; at < cells_.size(); at += vcdiff_same_cells, shift += 8)
            quotient |= std::uint32_t{cells_[at]} << shift;
        return quotient == 0 ? 0 : (quotient - 1) * vcdiff_same_cells + place;
    }

private:
    // A place holds the quotient plus one, so that 0 is a place where nothing was put; first all low bytes, then all
    // next ones.
    MutableBytes cells_;
    std::array<std::uint32_t, vcdiff_near> near_;
    std::uint8_t next_near_ = 0;
};

}  // namespace sb
