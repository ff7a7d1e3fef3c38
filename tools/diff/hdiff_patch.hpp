// tools/diff: a whole patch of HDiffPatch from covers: header, and parts or steps, packed where that makes them
// smaller.
#pragma once

#include "tools/diff/hdiff_codec.hpp"
#include "tools/diff/hdiff_writer.hpp"

namespace sb::diff {

/// HDIFF13.
[[nodiscard]] std::vector<std::uint8_t> make_hdiff_parts(Bytes old, Bytes new_image, const Covers& covers,
                                                         const HdiffRunRule& rule, HdiffCodec codec, Effort effort);

struct HdiffStepsPatch {
    std::vector<std::uint8_t> bytes;
    std::uint32_t step_bytes = 0;
};
/// HDIFFSF20. What packing does not make smaller is written as if it was never to be packed, so that a device may
/// take it.
[[nodiscard]] HdiffStepsPatch make_hdiff_steps(Bytes old, Bytes new_image, const Covers& covers,
                                               const HdiffStepRule& rule, HdiffCodec codec, Effort effort);

}  // namespace sb::diff
