#include "capi/decoder.hpp"
#include "core/delta/sbd/decoder.hpp"
#include "core/delta/sbd/fields_thumb.hpp"
#include "core/delta/sbd/walker.hpp"

extern "C" const switchback_decoder switchback_decoder_sbd_thumb_4k{
    sb::sbd_decoder<sb::sbd::Budget::k4, sb::sbd::FieldSet<sb::sbd::Thumb>>};
