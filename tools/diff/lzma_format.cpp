// The format that is no delta: the new image in LZMA segments.
#include <array>

#include "core/delta/factory.hpp"
#include "core/delta/lzma_segments.hpp"
#include "tools/diff/container.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/segments.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 1> compressions{"lzma"};

std::vector<std::size_t> even_cuts(std::size_t bytes, std::size_t segment_bytes) {
    std::vector<std::size_t> cuts;
    if (segment_bytes != 0)
        for (std::size_t at = segment_bytes; at < bytes; at += segment_bytes) cuts.push_back(at);
    if (bytes != 0) cuts.push_back(bytes);
    return cuts;
}

Patch encode_lzma(Bytes, Bytes new_image, const DiffOptions& options) {
    const auto cuts = even_cuts(new_image.size(), segment_length(new_image.size(), options));
    const unsigned log2 = useful_dictionary_log2(cuts, dictionary_limit_log2(options));
    Patch patch;
    patch.bytes = write_lzma_segments(new_image, cuts, log2, effort_for(new_image.size()));
    patch.format = "lzma";
    patch.payload = PayloadFormat::lzma;
    patch.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::lzma, 1U << log2);
    return patch;
}

[[gnu::hot]] bool recognises(Bytes head) {
    return begins_with(head, lzma_segments_magic);
}

std::vector<std::uint8_t> whole(Reader& patch) {
    return read_head(patch, patch.bytes());
}

void apply(Reader& old, Reader& patch, Sink& out) {
    const std::uint64_t bytes = read_container(whole(patch), 0).plain_bytes;
    if (bytes >> 32 != 0) refuse(Error::too_large, 0);
    apply_on_device_decoder(PayloadFormat::lzma, static_cast<std::uint32_t>(bytes), old, patch, out);
}

PatchInfo inspect(Bytes patch) {
    const ContainerInfo container = read_container(patch, 0);
    PatchInfo info;
    info.format = "lzma";
    info.payload = PayloadFormat::lzma;
    info.new_bytes = container.plain_bytes;
    info.dictionary_bytes = container.dictionary_bytes;
    info.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::lzma, container.dictionary_bytes);
    info.segments = container.segments;
    info.extra_bytes = container.plain_bytes;  // nothing comes from the old image
    info.blocks = {{"lzma segments", patch.size(), container.plain_bytes}};
    return info;
}

}  // namespace

constinit const Format lzma_format{"lzma",      compressions, "no delta: the new image itself, packed for devices",
                                   encode_lzma, recognises,   apply,
                                   inspect};

}  // namespace sb::diff
