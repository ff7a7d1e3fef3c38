#include "core/delta/factory.hpp"

#include "core/delta/lzma_segments.hpp"

namespace sb {

static_assert(decoder_ram_bytes(PayloadFormat::lzma, 0) == lzma_model_bytes);

Result<Decoder*> make_decoder(std::span<const DecoderEntry> known, const DecoderSetup& setup, DecoderStorage& storage) {
    for (const DecoderEntry& entry : known) {
        if (entry.format != setup.format) continue;
        if (setup.work.size() < setup.decoder_ram_bytes) return fail(Error::no_decoder);
        if (reinterpret_cast<std::uintptr_t>(setup.work.data()) % 4 != 0) return fail(Error::bad_state);
        if (entry.reads_old_image && setup.old_image == nullptr) return fail(Error::bad_state);
        if (entry.reads_made_image && setup.made_image == nullptr) return fail(Error::bad_state);
        if (Decoder* const made = entry.make(storage, setup); made != nullptr) return made;
    }
    return fail(Error::no_decoder);
}

}  // namespace sb
