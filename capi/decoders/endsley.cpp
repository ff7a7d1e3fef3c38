#include "core/delta/endsley.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_endsley{sb::endsley_decoder};
