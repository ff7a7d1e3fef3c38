#include "tools/layout/boundaries.hpp"

#include <algorithm>

namespace sb::layout {

Boundaries boundaries_of(const Part& part, std::uint32_t offset, std::uint32_t bytes) {
    const Geometry g = geometry_of(part);
    Boundaries all = {0};
    while (all.back() < bytes) all.push_back(all.back() + g.unit_at(offset + all.back()).bytes);
    return all;
}

Boundaries boundaries_of(const Layout& layout, const RegionSpec& region) {
    return boundaries_of(layout.parts[region.part], region.offset, region.bytes);
}

bool tiles(const Boundaries& all, std::uint32_t unit, std::uint64_t bytes) {
    if (bytes > all.back() || bytes % unit != 0) return false;
    auto from = all.begin();
    for (std::uint64_t at = 0; at <= bytes; at += unit) {
        from = std::lower_bound(from, all.end(), at);
        if (from == all.end() || *from != at) return false;
    }
    return true;
}

std::vector<std::uint32_t> runs_of(const Boundaries& all, std::uint32_t unit) {
    std::vector<std::uint32_t> runs(all.size(), 0);
    for (std::size_t i = all.size(); i-- > 0;) {
        const std::uint64_t end = std::uint64_t{all[i]} + unit;
        const auto next = std::lower_bound(all.begin(), all.end(), end);
        if (next != all.end() && *next == end) runs[i] = runs[static_cast<std::size_t>(next - all.begin())] + 1;
    }
    return runs;
}

std::vector<std::uint32_t> unit_sizes(const Boundaries& all) {
    std::vector<std::uint32_t> sizes;
    for (std::size_t i = 1; i < all.size(); ++i) sizes.push_back(all[i] - all[i - 1]);
    std::ranges::sort(sizes);
    sizes.erase(std::ranges::unique(sizes).begin(), sizes.end());
    return sizes;
}

}  // namespace sb::layout
