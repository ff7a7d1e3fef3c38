// core/delta: how a device names the decoders that it links, and makes one in memory it already has. Each decoder's
// header offers one DecoderEntry; a device lists those it wants, and nothing else is linked:
//
//   constexpr DecoderEntry decoders[] = {raw_decoder, endsley_lzma_decoder};
//   DecoderStorage storage;
//   auto decoder = make_decoder(decoders, setup, storage);
#pragma once

#include "core/delta/decoder.hpp"

namespace sb {

/// What a decoder is made from.
struct DecoderSetup {
    PayloadFormat format = PayloadFormat::raw;
    std::uint32_t image_bytes = 0;        ///< announced output: never more, and done only at this size
    std::uint32_t decoder_ram_bytes = 0;  ///< work memory that the payload asks for
    Reader* old_image = nullptr;          ///< needed by the delta formats only
    MutableBytes work;                    ///< aligned to 4 bytes; at least decoder_ram_bytes
    std::uint32_t payload_bytes = 0;      ///< of what will be fed; needed by sbd only, as what follows
    Bytes parameters{};                   ///< read by make_decoder() and not kept
    Reader* made_image = nullptr;         ///< what of the image was handed out by earlier calls of decode()
};

/// Room for any one decoder object.
struct DecoderStorage {
    static constexpr std::size_t size = 256;
    alignas(std::uint64_t) std::array<std::uint8_t, size> bytes;
};

struct DecoderEntry {
    Decoder* (*make)(DecoderStorage& at, const DecoderSetup& setup);  ///< null: cannot decode that payload
    PayloadFormat format;
    bool reads_old_image;
    bool reads_made_image = false;
};

/// Work memory that a payload of `format` needs, with `dictionary_bytes` of dictionary where there is LZMA: what the
/// packer announces and the policy compares. 0 for raw and endsley; for hpatchlite the dictionary
/// alone, for hdiffsf a step.
[[nodiscard]] constexpr std::uint32_t decoder_ram_bytes(PayloadFormat format, std::uint32_t dictionary_bytes) {
    constexpr std::uint32_t model = 3552;  // lzma_model_bytes, asserted there
    if (format == PayloadFormat::hpatchlite || format == PayloadFormat::hdiffsf) return dictionary_bytes;
    return format == PayloadFormat::lzma || format == PayloadFormat::endsley_lzma ? model + dictionary_bytes : 0;
}

/// Pointers of a host are longer than those of the parts that memory is counted for.
inline constexpr std::uint32_t host_extra_bytes = sizeof(void*) > 4 ? 512 : 0;

/// Makes the decoder for `setup` in `storage`, which must outlive it; nothing is to be destroyed.
/// Errors: no_decoder (not in the table, its memory is more than `setup.work`, or it cannot do with the
/// parameters), bad_state (work memory is not
/// aligned, or there is no old image for a delta)
[[nodiscard]] Result<Decoder*> make_decoder(std::span<const DecoderEntry> known, const DecoderSetup& setup,
                                            DecoderStorage& storage);

}  // namespace sb
