// ports: what a board with an SD card gives besides ports/port.hpp.
#pragma once

#include "core/link/fat/block_source.hpp"

namespace sb::port {

/// The card that is in the slot, or none: then each read answers io. Requires: start() was called.
[[nodiscard]] BlockSource& card();

}  // namespace sb::port
