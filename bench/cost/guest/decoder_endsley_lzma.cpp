// endsley+lzma with a dictionary of GUEST_DICTIONARY bytes, for comparison.
#include "bench/cost/guest/linked_decoder.hpp"
#include "core/delta/endsley_lzma.hpp"

namespace sb::guest {

namespace {

constexpr std::uint32_t work_bytes = decoder_ram_bytes(PayloadFormat::endsley_lzma, GUEST_DICTIONARY);

}  // namespace

alignas(8) std::uint8_t decoder_memory[work_bytes];
SB_GUEST_ONLY extern const LinkedDecoder linked_decoder{&endsley_lzma_decoder, nullptr,
                                                        sizeof(EndsleyLzmaDecoder) + work_bytes, work_bytes};

}  // namespace sb::guest
