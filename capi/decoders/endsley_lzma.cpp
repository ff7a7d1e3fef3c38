#include "core/delta/endsley_lzma.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_endsley_lzma{sb::endsley_lzma_decoder};
