// bench/cost/guest: the one decoder that a guest is linked with; each decoder_*.cpp gives one.
#pragma once

#include "core/delta/factory.hpp"

namespace sb::guest {

struct LinkedDecoder {
    const DecoderEntry* entry;
    Result<std::uint32_t> (*front_bytes)(Bytes patch);  ///< in front of what decode() takes; null: none
    std::uint32_t ram_bytes;                            ///< all that it takes, its work memory included
    std::uint32_t work_bytes;
};

extern const LinkedDecoder linked_decoder;
/// linked_decoder.work_bytes long; found by name by what checks its size.
extern "C" std::uint8_t decoder_memory[];

/// What a guest adds to a decoder stands in sections of its own, which do not count (guest.ld).
#define SB_GUEST_ONLY [[gnu::section(".rodata.guest")]]

}  // namespace sb::guest
