#include "core/delta/vcdiff.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_vcdiff{sb::vcdiff_decoder};
