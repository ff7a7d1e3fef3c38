#include "selftest/ram_march.hpp"

#include <array>

namespace app {
namespace {

using Area = std::span<volatile std::uint32_t>;

/// Reads `expected` and writes `next` in every cell, upwards or downwards.
bool element(Area area, bool upwards, std::uint32_t expected, std::uint32_t next) {
    bool good = true;
    for (std::size_t i = 0; i < area.size(); ++i) {
        volatile std::uint32_t& cell = area[upwards ? i : area.size() - 1 - i];
        if (cell != expected) good = false;
        cell = next;
    }
    return good;
}

bool march(Area area, std::uint32_t background) {
    const std::uint32_t inverse = ~background;
    for (volatile std::uint32_t& cell : area) cell = background;
    // Every element runs, also after a fault: the next one expects what this one wrote.
    bool good = element(area, true, background, inverse);
    good = element(area, true, inverse, background) && good;
    good = element(area, false, background, inverse) && good;
    good = element(area, false, inverse, background) && good;
    for (const volatile std::uint32_t& cell : area) {
        if (cell != background) return false;
    }
    return good;
}

}  // namespace

bool ram_march(Area area) {
    constexpr std::array<std::uint32_t, 3> backgrounds{0xaaaaaaaa, 0xcccccccc, 0x00000000};
    bool good = true;
    for (const std::uint32_t b : backgrounds) good = march(area, b) && good;
    return good;
}

}  // namespace app
