#include "tools/diff/segments.hpp"

#include "core/delta/endsley.hpp"
#include "core/delta/endsley_lzma.hpp"
#include "core/delta/lzma.hpp"
#include "tools/diff/format.hpp"

namespace sb::diff {

std::size_t segment_length(std::size_t new_bytes, const DiffOptions& options) {
    if (options.segment_bytes != 0) return options.segment_bytes;
    return new_bytes < 128 * 1024 ? 0 : 64 * 1024;
}

unsigned dictionary_limit_log2(const DiffOptions& options) {
    if (options.ram_bytes != 0 && options.ram_bytes < 4096)
        throw OptionError("LZMA needs a dictionary of at least 4K: use --ram 4K, 8K or 16K");
    return options.ram_bytes == 0 || options.ram_bytes >= 16384 ? 14 : options.ram_bytes >= 8192 ? 13 : 12;
}

Effort effort_for(std::size_t bytes) {
    constexpr std::size_t large_bytes = std::size_t{4} << 20;  // above it each setting costs seconds
    return bytes <= large_bytes ? Effort::all_settings : Effort::one_setting;
}

void apply_on_device_decoder(PayloadFormat format, std::uint32_t image_bytes, Reader& old, Reader& patch, Sink& out) {
    constexpr DecoderEntry decoders[] = {lzma_decoder, endsley_decoder, endsley_lzma_decoder};
    std::vector<std::uint32_t> work(decoder_ram_bytes(PayloadFormat::lzma, 1U << 14) / sizeof(std::uint32_t));
    DecoderSetup setup;
    setup.format = format;
    setup.image_bytes = image_bytes;
    setup.old_image = &old;
    setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * sizeof(std::uint32_t));
    setup.decoder_ram_bytes = static_cast<std::uint32_t>(setup.work.size());
    DecoderStorage storage;
    const auto decoder = make_decoder(decoders, setup, storage);
    if (!decoder) refuse(decoder.error(), 0);
    run_decoder(**decoder, patch, 0, out);
}

}  // namespace sb::diff
