#include "capi/decoder.hpp"
#include "core/delta/all_decoders.hpp"

extern "C" const switchback_decoder switchback_decoder_sbd_32k{
    sb::sbd_decoder<sb::sbd::Budget::k32, sb::sbd::AllFields>};
