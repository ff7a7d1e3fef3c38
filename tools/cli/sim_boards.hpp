// tools/cli: the boards that the simulator's verbs run on.
#pragma once

#include <string>

#include "sim/powercut/board.hpp"

namespace sb::cli {

/// The flash, regions, scheme and tries of a layout, by file or by name. Fails where it needs more than one part.
[[nodiscard]] sim::BoardSpec board_of(const std::string& layout);

}  // namespace sb::cli
