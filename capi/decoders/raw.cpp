#include "core/delta/raw.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_raw{sb::raw_decoder};
