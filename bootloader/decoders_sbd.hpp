// bootloader: decoders of variants that take deltas in 4 KB of memory, of programs for Cortex-M.
#pragma once

#include "core/delta/raw.hpp"
#include "core/delta/sbd/all_fields.hpp"
#include "core/delta/sbd/decoder.hpp"

namespace sb::bootloader {

inline constexpr std::array<DecoderEntry, 2> decoders = {raw_decoder,
                                                         sbd_decoder<sbd::Budget::k4, sbd::FieldSet<sbd::Thumb>>};

}  // namespace sb::bootloader
