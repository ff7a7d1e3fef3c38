// The decoders of all budgets with all architectures, for hosts: compiled once.
#include "core/delta/all_decoders.hpp"

namespace sb {

template Decoder* make_sbd_decoder<sbd::Budget::k4, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);
template Decoder* make_sbd_decoder<sbd::Budget::k8, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);
template Decoder* make_sbd_decoder<sbd::Budget::k16, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);
template Decoder* make_sbd_decoder<sbd::Budget::k32, sbd::AllFields>(DecoderStorage&, const DecoderSetup&);

}  // namespace sb
