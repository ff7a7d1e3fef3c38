#include "core/delta/endsley_stream.hpp"
#include "core/delta/factory.hpp"
#include "tools/diff/container.hpp"

namespace sb::diff {
namespace {

std::uint64_t take_number(Bytes stream, std::size_t at) {
    const auto number = load_signed_magnitude(stream.subspan(at, 8));
    if (!number) throw PatchError(number.error(), at, "a size of 4 GiB or more");
    return number->magnitude;
}

/// Counts what the triples of an instruction stream do. Offsets in errors are those of the unpacked stream.
void count_triples(Bytes stream, PatchInfo& info) {
    for (std::size_t at = 0; at < stream.size();) {
        if (stream.size() - at < endsley_triple_bytes)
            throw PatchError(Error::truncated, at, "the patch ends inside a triple");
        const std::uint64_t diff = take_number(stream, at);
        const std::uint64_t extra = take_number(stream, at + 8);
        at += endsley_triple_bytes;
        if (diff > stream.size() - at || extra > stream.size() - at - diff)
            throw PatchError(Error::truncated, at, "the patch ends inside the bytes of a triple");
        if (diff != 0) ++info.covers;
        info.diff_bytes += diff;
        info.extra_bytes += extra;
        for (std::size_t i = 0; i < diff; ++i) info.unchanged_bytes += stream[at + i] == 0;
        at += diff + extra;
    }
    if (info.covers != 0)
        info.mean_cover_bytes = static_cast<double>(info.diff_bytes) / static_cast<double>(info.covers);
    if (info.diff_bytes + info.extra_bytes != info.new_bytes)
        throw PatchError(Error::malformed, endsley_magic.size(), "the header announces another size than is made");
}

}  // namespace

std::optional<PatchInfo> inspect_patch(Bytes patch) {
    const auto format = recognise_patch(patch);
    if (!format) return std::nullopt;
    PatchInfo info;
    info.format = *format;
    std::size_t header = 0;
    if (*format != PayloadFormat::lzma) {
        header = endsley_header_bytes;
        if (patch.size() < header) throw PatchError(Error::truncated, patch.size(), "the patch ends inside its header");
        const auto bytes = parse_endsley_header(patch.first(header));
        if (!bytes) throw PatchError(bytes.error(), endsley_magic.size(), "the size of the new image is not valid");
        info.new_bytes = *bytes;
    }
    const Bytes rest = patch.subspan(header);
    if (*format == PayloadFormat::endsley) {
        count_triples(rest, info);
        return info;
    }
    const ContainerInfo container = read_container(rest, header);
    info.dictionary_bytes = container.dictionary_bytes;
    info.decoder_ram_bytes = decoder_ram_bytes(*format, container.dictionary_bytes);
    info.segments = container.segments;
    if (*format == PayloadFormat::lzma)
        info.new_bytes = container.plain_bytes;
    else
        count_triples(unpack_container(rest, container, header), info);
    return info;
}

}  // namespace sb::diff
