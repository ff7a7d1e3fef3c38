#include "capi/decoder.hpp"
#include "core/delta/all_decoders.hpp"

extern "C" const switchback_decoder switchback_decoder_sbd_4k{sb::sbd_decoder<sb::sbd::Budget::k4, sb::sbd::AllFields>};
