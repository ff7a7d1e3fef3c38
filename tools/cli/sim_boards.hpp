// tools/cli: the boards that the simulator's verbs run on.
#pragma once

#include <string>

#include "core/manifest/package.hpp"
#include "sim/powercut/board.hpp"

namespace sb::cli {

/// A board as a layout describes it, and what it can decode.
struct LayoutBoard {
    sim::BoardSpec spec;
    std::vector<DecoderOffer> decoders;
};

/// The flash, regions, scheme and tries of a layout, by file or by name. Fails where it needs more than one part.
[[nodiscard]] LayoutBoard board_of(const std::string& name);

}  // namespace sb::cli
