#include "core/delta/lzma.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_lzma{sb::lzma_decoder};
