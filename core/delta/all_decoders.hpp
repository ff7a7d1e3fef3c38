// core/delta: every decoder that there is, for hosts and simulators. A device lists those that it wants, and links
// nothing else.
#pragma once

#include "core/delta/endsley.hpp"
#include "core/delta/endsley_lzma.hpp"
#include "core/delta/hdiff_steps.hpp"
#include "core/delta/hpatchlite.hpp"
#include "core/delta/lzma.hpp"
#include "core/delta/raw.hpp"
#include "core/delta/sbd/all_fields.hpp"
#include "core/delta/sbd/decoder.hpp"
#include "core/delta/vcdiff.hpp"

namespace sb {

// compiled once, in sbd/all_budgets.cpp
extern template Decoder* make_sbd_decoder<sbd::Budget::k4, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);
extern template Decoder* make_sbd_decoder<sbd::Budget::k8, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);
extern template Decoder* make_sbd_decoder<sbd::Budget::k16, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);
extern template Decoder* make_sbd_decoder<sbd::Budget::k32, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);

inline constexpr std::array<DecoderEntry, 11> all_decoders = {raw_decoder,
                                                              lzma_decoder,
                                                              endsley_decoder,
                                                              endsley_lzma_decoder,
                                                              hpatchlite_decoder,
                                                              vcdiff_decoder,
                                                              hdiff_steps_decoder,
                                                              sbd_decoder<sbd::Budget::k4, sbd::AllFields>,
                                                              sbd_decoder<sbd::Budget::k8, sbd::AllFields>,
                                                              sbd_decoder<sbd::Budget::k16, sbd::AllFields>,
                                                              sbd_decoder<sbd::Budget::k32, sbd::AllFields>};

}  // namespace sb
