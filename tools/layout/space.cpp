#include "tools/layout/space.hpp"

#include <algorithm>

#include "tools/layout/boundaries.hpp"

namespace sb::layout {
namespace {

/// The flash of both slots: one piece, or two that slots cannot leave.
struct Space {
    bool one = false;
    Boundaries a;  ///< of the one piece, or of slot_a
    Boundaries b;
};

Space space_of(const Layout& l) {
    const RegionSpec& a = *l.region("slot_a");
    if (l.region("slot_b") == nullptr) return {true, boundaries_of(l, a), boundaries_of(l, a)};
    const RegionSpec& b = *l.region("slot_b");
    const RegionSpec& first = a.offset < b.offset ? a : b;
    const bool one = a.part == b.part && first.offset + first.bytes == std::max(a.offset, b.offset);
    if (!one) return {false, boundaries_of(l, a), boundaries_of(l, b)};
    const Boundaries all = boundaries_of(l.parts[a.part], first.offset, a.bytes + b.bytes);
    return {true, all, all};
}

/// Two slots that hold the same image: the smaller one counts.
std::uint32_t two_alike(const Space& s) {
    if (!s.one) return std::min(s.a.back(), s.b.back());
    std::uint32_t most = 0;
    for (const std::uint32_t cut : s.a) most = std::max(most, std::min(cut, s.a.back() - cut));
    return most;
}

/// Of `count` units and of `count` + 1: whether both find room, in this order and one behind the other.
bool fits_in_order(const Boundaries& all, const std::vector<std::uint32_t>& runs, std::uint32_t unit,
                   std::uint32_t first, std::uint32_t second) {
    const auto early = std::ranges::find_if(runs, [&](std::uint32_t r) { return r >= first; });
    const auto late = std::find_if(runs.rbegin(), runs.rend(), [&](std::uint32_t r) { return r >= second; });
    if (early == runs.end() || late == runs.rend()) return false;
    const std::uint64_t end = all[static_cast<std::size_t>(early - runs.begin())] + std::uint64_t{first} * unit;
    return end <= all[static_cast<std::size_t>(runs.rend() - late) - 1];
}

/// Slots of `count` units and one more.
bool exchange_fits(const Space& s, std::uint32_t unit, std::uint32_t count) {
    const auto runs_a = runs_of(s.a, unit);
    if (s.one)
        return fits_in_order(s.a, runs_a, unit, count, count + 1) || fits_in_order(s.a, runs_a, unit, count + 1, count);
    return std::ranges::max(runs_a) >= count && std::ranges::max(runs_of(s.b, unit)) > count;
}

std::uint32_t most_exchanged(const Space& s) {
    std::uint32_t most = 0;
    for (const std::uint32_t unit : unit_sizes(s.a)) {
        std::uint32_t fits = 0;  // what fits with n units fits with fewer
        for (std::uint32_t beyond = s.a.back() / unit + 1; beyond - fits > 1;) {
            const std::uint32_t middle = fits + (beyond - fits) / 2;
            (exchange_fits(s, unit, middle) ? fits : beyond) = middle;
        }
        most = std::max(most, fits * unit);
    }
    return most;
}

/// A sixteenth of the flash for patches, and a unit to move by.
std::uint32_t most_rewritten(const Space& s) {
    constexpr std::uint32_t least_patch_bytes = 8192;
    const Boundaries& all = s.one || s.a.back() > s.b.back() ? s.a : s.b;
    const std::uint32_t patch = std::max(all.back() / 16, least_patch_bytes);
    std::uint32_t most = 0;
    for (std::size_t i = 2; i < all.size() && all[i] + patch <= all.back(); ++i) most = all[i - 1];
    return most;
}

}  // namespace

std::uint32_t most_image_bytes(const Layout& layout, Scheme scheme) {
    const Space space = space_of(layout);
    if (scheme == Scheme::swap) return most_exchanged(space);
    if (scheme == Scheme::single) return space.one ? space.a.back() : std::max(space.a.back(), space.b.back());
    if (scheme == Scheme::inplace)
        return layout.scheme == Scheme::inplace ? layout.region("slot_a")->bytes : most_rewritten(space);
    const std::uint32_t alike = two_alike(space);
    if (scheme != Scheme::ram_load) return alike;
    const std::optional<Ram>& ram = layout.load ? layout.load : layout.ram;
    return ram ? std::min(alike, ram->bytes) : alike;
}

}  // namespace sb::layout
