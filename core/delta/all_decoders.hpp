// core/delta: every decoder that there is, for hosts and simulators. A device lists those that it wants, and links
// nothing else.
#pragma once

#include "core/delta/endsley.hpp"
#include "core/delta/endsley_lzma.hpp"
#include "core/delta/hdiff_steps.hpp"
#include "core/delta/hpatchlite.hpp"
#include "core/delta/lzma.hpp"
#include "core/delta/raw.hpp"
#include "core/delta/vcdiff.hpp"

namespace sb {

inline constexpr std::array<DecoderEntry, 7> all_decoders = {raw_decoder,          lzma_decoder,       endsley_decoder,
                                                             endsley_lzma_decoder, hpatchlite_decoder, vcdiff_decoder,
                                                             hdiff_steps_decoder};

}  // namespace sb
