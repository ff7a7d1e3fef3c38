#include "core/delta/hdiff_steps.hpp"

#include "capi/decoder.hpp"

extern "C" const switchback_decoder switchback_decoder_hdiffsf{sb::hdiff_steps_decoder};
