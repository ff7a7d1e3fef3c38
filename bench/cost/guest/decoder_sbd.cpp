// sbd with the budget GUEST_BUDGET (k4, k8, k16, k32) and the architectures GUEST_FIELDS (Thumb, or more).
#include "bench/cost/guest/linked_decoder.hpp"
#include "core/delta/sbd/all_fields.hpp"
#include "core/delta/sbd/decoder.hpp"

namespace sb::guest {

namespace {

using namespace sbd;
using Fields = FieldSet<GUEST_FIELDS>;
constexpr std::uint32_t ram_bytes = sizeof(SbdDecoder<Budget::GUEST_BUDGET, Fields>);

}  // namespace

alignas(8) std::uint8_t decoder_memory[ram_bytes];
SB_GUEST_ONLY extern const LinkedDecoder linked_decoder{&sbd_decoder<Budget::GUEST_BUDGET, Fields>, preamble_bytes,
                                                        ram_bytes, ram_bytes};

}  // namespace sb::guest
