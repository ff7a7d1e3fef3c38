// bench/install: how long operations of real flash parts take, by their datasheets: typical values, maximal ones where
// a datasheet gives no other. Reading is left out: it is a hundredth of the rest (SPI NOR at 50 MHz; on chip, less).
#pragma once

#include <span>
#include <string_view>

#include "core/flash/flash.hpp"

namespace sb::bench {

/// A part, and a layout's regions on it for each scheme.
struct TimedPart {
    std::string_view name;
    std::string_view flash;    ///< of layout.toml: what stands in [[flash]]
    std::string_view regions;  ///< of schemes with two slots
    std::string_view swap_regions;
    std::string_view one_slot_regions;
    double (*erase_seconds)(std::uint32_t unit_bytes);
    double (*program_seconds)(std::uint32_t offset, std::uint32_t bytes);
};

[[nodiscard]] std::span<const TimedPart> timed_parts();

}  // namespace sb::bench
