// tools/cli: the boards that the simulator's verbs run on.
#pragma once

#include <string>

#include "core/manifest/package.hpp"
#include "sim/powercut/board.hpp"
#include "tools/layout/layout.hpp"

namespace sb::cli {

/// A board as a layout describes it, and what it can decode.
struct LayoutBoard {
    sim::BoardSpec spec;
    std::vector<DecoderOffer> decoders;
};

/// The flash, regions, scheme and tries of a layout, by file or by name. Fails where it needs more than one part.
[[nodiscard]] LayoutBoard board_of(const std::string& name);
[[nodiscard]] sim::BoardSpec board_of(const layout::Layout& layout);
/// What else its devices keep to, for a board that is to be one of them in every respect.
[[nodiscard]] sim::BoardTerms terms_of(const layout::Layout& layout);

}  // namespace sb::cli
