// bootloader: decoders of the smallest variants: images come in as they are.
#pragma once

#include "core/delta/raw.hpp"

namespace sb::bootloader {

inline constexpr std::array<DecoderEntry, 1> decoders = {raw_decoder};

}  // namespace sb::bootloader
