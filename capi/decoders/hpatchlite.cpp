#include "core/delta/hpatchlite.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_hpatchlite{sb::hpatchlite_decoder};
