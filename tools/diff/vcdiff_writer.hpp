// tools/diff: spells the steps of a window as VCDIFF instructions (RFC 3284), and puts windows together to a patch.
#pragma once

#include <array>

#include "core/delta/vcdiff_header.hpp"
#include "tools/diff/vcdiff_steps.hpp"

namespace sb::diff {

/// What is chosen where the format leaves a choice.
struct VcdiffSpelling {
    /// Copies from the old image are all addressed by their distance from here. Copies that go on with the same
    /// shift then have the same bytes, which costs nothing once they are packed. Else: the shortest spelling.
    bool by_distance = false;
    bool pairs = true;  ///< use the codes that stand for two instructions
};

using VcdiffBytes = std::array<std::vector<std::uint8_t>, vcdiff_sections>;

/// The sections of a window; of an interleaved one, all is in the section of instructions.
[[nodiscard]] VcdiffBytes spell(Bytes new_image, const VcdiffFrame& frame, const VcdiffSteps& steps,
                                const VcdiffSpelling& spelling, bool interleaved);

void put_base128(std::vector<std::uint8_t>& to, std::uint64_t value);

/// The header of a patch; `secondary` 0 for none.
void put_vcdiff_header(std::vector<std::uint8_t>& to, std::uint8_t version, std::uint8_t secondary);

/// A window with its checksum. `packed` has bit n set when section n is packed.
void put_vcdiff_window(std::vector<std::uint8_t>& to, std::uint8_t version, Bytes new_image, const VcdiffFrame& frame,
                       const VcdiffBytes& sections, unsigned packed);

}  // namespace sb::diff
