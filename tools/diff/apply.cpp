#include <algorithm>

#include "core/delta/endsley.hpp"
#include "core/delta/endsley_lzma.hpp"
#include "core/delta/lzma.hpp"
#include "tools/diff/container.hpp"

namespace sb::diff {
namespace {

constexpr DecoderEntry decoders[] = {lzma_decoder, endsley_decoder, endsley_lzma_decoder};

const char* reason(Error why) {
    switch (why) {
        case Error::malformed:
            return "the patch is not well formed";
        case Error::too_large:
            return "the patch announces sizes of 4 GiB or more, or needs more memory";
        case Error::unsupported:
            return "the patch is of a version that is not known here";
        case Error::trailing_data:
            return "there are bytes after the end of the patch";
        default:
            return "the patch tries to make or read what it must not";
    }
}

/// Announced size of the new image.
std::uint32_t announced_bytes(PayloadFormat format, Bytes patch) {
    if (format == PayloadFormat::lzma) {
        const std::uint64_t bytes = read_container(patch, 0).plain_bytes;
        if (bytes >> 32 != 0) throw PatchError(Error::too_large, 0, reason(Error::too_large));
        return static_cast<std::uint32_t>(bytes);
    }
    if (patch.size() < endsley_header_bytes)
        throw PatchError(Error::truncated, patch.size(), "the patch ends inside its header");
    const auto bytes = parse_endsley_header(patch.first(endsley_header_bytes));
    if (!bytes) throw PatchError(bytes.error(), endsley_magic.size(), reason(bytes.error()));
    return *bytes;
}

/// Runs the decoder over the whole patch. The output grows with what is really made, never with what is announced.
std::vector<std::uint8_t> run(Decoder& decoder, Bytes patch) {
    constexpr std::size_t piece = std::size_t{1} << 16;
    std::vector<std::uint8_t> made;
    Bytes in = patch;
    for (;;) {
        const std::size_t before = made.size();
        made.resize(before + piece);
        const auto progress = decoder.decode(in, MutableBytes(made).subspan(before));
        const std::uint64_t at = patch.size() - in.size();
        if (!progress) throw PatchError(progress.error(), at, reason(progress.error()));
        made.resize(before + progress->produced);
        in = in.subspan(progress->consumed);
        if (progress->done && in.empty()) return made;
        if (progress->done)
            throw PatchError(Error::trailing_data, patch.size() - in.size(), reason(Error::trailing_data));
        if (progress->consumed == 0 && progress->produced == 0)
            throw PatchError(Error::truncated, patch.size(), "the patch ends too early");
    }
}

}  // namespace

std::vector<std::uint8_t> apply_patch(Bytes old, Bytes patch) {
    const auto format = recognise_patch(patch);
    if (!format) throw PatchError(Error::malformed, 0, "not a patch of a known format");
    constexpr std::string_view bzip2 = "BZh";
    if (*format == PayloadFormat::endsley && patch.size() >= endsley_header_bytes + bzip2.size() &&
        std::equal(bzip2.begin(), bzip2.end(), patch.begin() + endsley_header_bytes))
        throw PatchError(Error::unsupported, endsley_header_bytes, "ENDSLEY/BSDIFF43 packed with bzip2 is not read");
    MemoryReader reader{old};
    std::vector<std::uint32_t> work(decoder_ram_bytes(PayloadFormat::lzma, 1U << 14) / sizeof(std::uint32_t));
    DecoderSetup setup;
    setup.format = *format;
    setup.image_bytes = announced_bytes(*format, patch);
    setup.old_image = &reader;
    setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * sizeof(std::uint32_t));
    setup.decoder_ram_bytes = static_cast<std::uint32_t>(setup.work.size());
    DecoderStorage storage;
    const auto decoder = make_decoder(decoders, setup, storage);
    if (!decoder) throw PatchError(decoder.error(), 0, "no decoder for this patch");
    return run(**decoder, patch);
}

}  // namespace sb::diff
