#include "tools/diff/container.hpp"

#include "core/delta/lzma_segments.hpp"

namespace sb::diff {
namespace {

[[noreturn]] void broken(Error why, std::uint64_t at, const char* message) {
    throw PatchError(why, at, message);
}

std::uint32_t take_length(Bytes container, std::size_t& from, std::uint64_t at) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (from == container.size()) broken(Error::truncated, at + from, "the patch ends inside a segment's header");
        const std::uint8_t byte = container[from++];
        if (byte == 0) break;
        value |= (byte & 0x7fU) << shift;
        if (byte < 0x80) return value;
    }
    broken(Error::malformed, at + from, "a segment's length is not valid");
}

}  // namespace

ContainerInfo read_container(Bytes container, std::uint64_t at) {
    std::size_t from = lzma_segments_magic.size();
    if (container.size() <= from) broken(Error::truncated, at, "the patch ends inside the header of its LZMA segments");
    const std::uint8_t kind = container[from++];
    const unsigned log2 = kind & 15U;
    if (kind >> 4 != lzma_segments_version) broken(Error::unsupported, at + 4, "LZMA segments of an unknown version");
    if (log2 < lzma_min_dictionary_log2 || log2 > lzma_max_dictionary_log2)
        broken(Error::malformed, at + 4, "the dictionary is not 4K, 8K or 16K");
    ContainerInfo info;
    info.dictionary_bytes = 1U << log2;
    while (from < container.size()) {
        SegmentInfo segment;
        segment.packed_bytes = take_length(container, from, at);
        segment.plain_bytes = take_length(container, from, at);
        if (segment.packed_bytes > container.size() - from)
            broken(Error::truncated, at + container.size(), "the patch ends inside a segment");
        from += segment.packed_bytes;
        info.plain_bytes += segment.plain_bytes;
        info.segments.push_back(segment);
    }
    return info;
}

std::vector<std::uint8_t> unpack_container(Bytes container, const ContainerInfo& info, std::uint64_t at) {
    std::vector<std::uint8_t> work(lzma_model_bytes + info.dictionary_bytes);
    LzmaSegments decoder{work};
    std::vector<std::uint8_t> plain;
    Bytes in = container;
    while (!in.empty() || plain.size() < info.plain_bytes) {
        const auto step = decoder.decode(in, info.dictionary_bytes);
        const std::uint64_t here = at + (container.size() - in.size());
        if (!step) broken(step.error(), here, "a segment does not unpack");
        if (step->consumed == 0 && step->made.empty()) broken(Error::bad_patch, here, "a segment does not unpack");
        plain.insert(plain.end(), step->made.begin(), step->made.end());
        in = in.subspan(step->consumed);
    }
    return plain;
}

}  // namespace sb::diff
