#include "capi/switchback.h"

extern "C" const switchback_decoder* const switchback_all_decoders[SWITCHBACK_ALL_DECODERS] = {
    &switchback_decoder_lzma,       &switchback_decoder_endsley, &switchback_decoder_endsley_lzma,
    &switchback_decoder_hpatchlite, &switchback_decoder_vcdiff,  &switchback_decoder_hdiffsf,
    &switchback_decoder_sbd_4k,     &switchback_decoder_sbd_8k,  &switchback_decoder_sbd_16k,
    &switchback_decoder_sbd_32k};
