// core/delta: the default code table of VCDIFF (RFC 3284, section 5.6): what each of the 256 instruction bytes stands
// for. Computed, since the table itself would be 1.5 KB of flash.
#pragma once

#include <cstdint>

namespace sb {

/// From `copy` on: a copy, its mode added.
enum class VcdiffType : std::uint8_t { none, add, run, copy };

struct VcdiffInstruction {
    std::uint8_t type = 0;
    std::uint8_t bytes = 0;  ///< 0: the size follows as a number

    [[nodiscard]] constexpr bool is(VcdiffType which) const {
        return type == static_cast<std::uint8_t>(which) || (which == VcdiffType::copy && is_copy());
    }
    [[nodiscard]] constexpr bool is_copy() const { return type >= static_cast<std::uint8_t>(VcdiffType::copy); }
    /// Of a copy: how its address is written.
    [[nodiscard]] constexpr unsigned mode() const { return type - static_cast<unsigned>(VcdiffType::copy); }
    bool operator==(const VcdiffInstruction&) const = default;
};

struct VcdiffPair {
    VcdiffInstruction first;
    VcdiffInstruction second;
    bool operator==(const VcdiffPair&) const = default;
};

[[nodiscard]] VcdiffPair vcdiff_instructions(std::uint8_t code);

}  // namespace sb
