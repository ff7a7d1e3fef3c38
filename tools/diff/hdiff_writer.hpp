// tools/diff: writes covers as the plain parts of HDIFF13, and as the plain steps of HDIFFSF20 (docs/format-delta.md).
#pragma once

#include "tools/diff/cover.hpp"

namespace sb::diff {

/// Which runs of equal differences are told as runs; shorter ones stand among the single values. The defaults are
/// hdiffz's.
struct HdiffRunRule {
    std::size_t zeros = 2;   ///< at least so many
    std::size_t ones = 2;    ///< 0xff
    std::size_t others = 5;  ///< any other value
};

/// The parts of HDIFF13, unpacked.
struct HdiffParts {
    std::vector<std::uint8_t> cover_numbers, runs, values, fresh;
};
[[nodiscard]] HdiffParts write_hdiff_parts(Bytes old, Bytes new_image, const Covers& covers, const HdiffRunRule& rule);

struct HdiffStepRule {
    std::size_t step_bytes = std::size_t{256} << 10;  ///< no step needs more memory; at least 64
    std::size_t zeros = 1;                            ///< a shorter run of zeros stands among the values; hdiffz: 1
    std::size_t image_bytes = 0;  ///< a step ends where the new image reaches a multiple, inside of a cover; 0: never
};

/// What is behind the header of HDIFFSF20, unpacked.
struct HdiffSteps {
    std::vector<std::uint8_t> bytes;
    std::size_t covers = 0;      ///< with those that steps cut, and the empty one at the end
    std::size_t step_bytes = 0;  ///< memory that the largest one needs
};
[[nodiscard]] HdiffSteps write_hdiff_steps(Bytes old, Bytes new_image, const Covers& covers, const HdiffStepRule& rule);

/// Appends a number; `tag` stands in the `tag_bits` top bits of its first byte.
void put_hdiff_number(std::vector<std::uint8_t>& to, std::size_t value, unsigned tag = 0, unsigned tag_bits = 0);

}  // namespace sb::diff
