// tests/stack: what the host gives the firmware to work on: one file of parts, each a 32-bit length (little-endian)
// and its bytes, in the order of FixturePart.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::stack {

enum class FixturePart : std::uint8_t { key, vendor, device_class, old_image, full_package, delta_package };
inline constexpr std::size_t fixture_parts = 6;
inline constexpr std::size_t fixture_limit_bytes = 1U << 20;

// What both sides agree on besides.
inline constexpr std::uint32_t fixture_header_bytes = 0x200;
inline constexpr std::uint32_t fixture_dictionary_bytes = 4096;

/// One part; empty when the fixture does not hold it.
[[nodiscard]] inline Bytes fixture_part(Bytes fixture, FixturePart wanted) {
    for (auto before = static_cast<std::size_t>(wanted);; --before) {
        if (fixture.size() < 4) return {};
        const auto length = load_le<std::uint32_t>(fixture);
        fixture = fixture.subspan(4);
        if (length > fixture.size()) return {};
        if (before == 0) return fixture.first(length);
        fixture = fixture.subspan(length);
    }
}

}  // namespace sb::stack
