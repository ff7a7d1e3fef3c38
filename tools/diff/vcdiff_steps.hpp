// tools/diff: what a VCDIFF window does, before it is written down: the words shared by the parser that chooses it and
// the writer that spells it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// A stretch of the new image, and what it is made from.
struct VcdiffStep {
    enum class Kind : std::uint8_t { add, run, copy_old, copy_new };
    Kind kind = Kind::add;
    std::size_t new_at = 0;
    std::size_t bytes = 0;
    std::size_t from = 0;  ///< of a copy: where in the old image, or in the new one

    [[nodiscard]] bool copies() const { return kind == Kind::copy_old || kind == Kind::copy_new; }
};
using VcdiffSteps = std::vector<VcdiffStep>;

/// A stretch of the new image that becomes one window, and the stretch of the old image that it may copy from.
struct VcdiffFrame {
    std::size_t new_from = 0;
    std::size_t new_end = 0;
    std::size_t old_from = 0;
    std::size_t old_end = 0;

    /// Addresses as the window counts them: first the old image's stretch, then the window itself.
    [[nodiscard]] std::size_t address(const VcdiffStep& copy) const {
        return copy.kind == VcdiffStep::Kind::copy_old ? copy.from - old_from
                                                       : old_end - old_from + (copy.from - new_from);
    }
    [[nodiscard]] std::size_t here(std::size_t new_at) const { return old_end - old_from + (new_at - new_from); }
};

/// Bytes of a number in base 128.
[[nodiscard]] constexpr unsigned base128_bytes(std::uint64_t value) {
    unsigned bytes = 1;
    for (; value >= 0x80; value >>= 7) ++bytes;
    return bytes;
}

}  // namespace sb::diff
