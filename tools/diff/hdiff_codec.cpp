#include "tools/diff/hdiff_codec.hpp"

#include <algorithm>
#include <array>

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 6> options{"lzma2", "lzma", "zlib", "zstd", "bzip2", "none"};
constexpr std::array codecs{HdiffCodec::lzma2, HdiffCodec::lzma,  HdiffCodec::zlib,
                            HdiffCodec::zstd,  HdiffCodec::bzip2, HdiffCodec::none};
constexpr std::array<std::string_view, 6> names{"lzma2", "lzma", "zlib", "zstd", "bz2", ""};

std::size_t place_of(HdiffCodec codec) {
    return static_cast<std::size_t>(std::ranges::find(codecs, codec) - codecs.begin());
}

std::vector<std::uint8_t> pack_bzip2(Bytes plain) {
    BufferSink packed;
    Bzip2Packer packer(packed);
    packer.write(plain);
    packer.finish();
    return std::move(packed.made);
}

}  // namespace

std::span<const std::string_view> hdiff_compressions() {
    return options;
}

HdiffCodec hdiff_codec(std::string_view option) {
    const auto found = std::ranges::find(options, option);
    return found == options.end() ? codecs[0] : codecs[static_cast<std::size_t>(found - options.begin())];
}

std::optional<HdiffCodec> hdiff_codec_in_patch(std::string_view name) {
    if (name == "pzlib") return HdiffCodec::zlib;  // as hdiffz packs with several threads: the same bytes
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return codecs[static_cast<std::size_t>(found - names.begin())];
}

std::string_view name_in_patch(HdiffCodec codec) {
    return names[place_of(codec)];
}

std::string_view name_on_command_line(HdiffCodec codec) {
    return options[place_of(codec)];
}

std::vector<std::uint8_t> pack_hdiff(Bytes plain, HdiffCodec codec, Effort effort) {
    switch (codec) {
        case HdiffCodec::lzma2:
            return pack_lzma(plain, LzmaKind::lzma2, effort);
        case HdiffCodec::lzma:
            return pack_lzma(plain, LzmaKind::lzma1, effort);
        case HdiffCodec::zlib:
            return pack_zlib(plain);
        case HdiffCodec::zstd:
            return pack_zstd(plain);
        case HdiffCodec::bzip2:
            return pack_bzip2(plain);
        case HdiffCodec::none:
            break;
    }
    throw std::logic_error("nothing to pack with");
}

HdiffPartReader::HdiffPartReader(PatchSource& patch, std::uint32_t at, const HdiffPart& part, HdiffCodec codec)
    : stored_(patch, at, part.stored_bytes()) {
    if (part.packed_bytes == 0) return;
    switch (codec) {
        case HdiffCodec::lzma2:
            unpacked_.emplace<LzmaStream>(stored_, LzmaKind::lzma2, part.plain_bytes);
            break;
        case HdiffCodec::lzma:
            unpacked_.emplace<LzmaStream>(stored_, LzmaKind::lzma1, part.plain_bytes);
            break;
        case HdiffCodec::zlib:
            unpacked_.emplace<ZlibStream>(stored_);
            break;
        case HdiffCodec::zstd:
            unpacked_.emplace<ZstdStream>(stored_);
            break;
        case HdiffCodec::bzip2:
            unpacked_.emplace<Bzip2Unpacker>(stored_);
            break;
        case HdiffCodec::none:
            unpacked_.emplace<Refused>();
            break;
    }
}

Result<std::size_t> HdiffPartReader::read(MutableBytes to) {
    return std::visit(
        [&]<class Stream>(Stream& stream) -> Result<std::size_t> {
            if constexpr (std::is_same_v<Stream, std::monostate>)
                return stored_.read(to);
            else if constexpr (std::is_same_v<Stream, Refused>)
                return fail(Error::unsupported);
            else
                return stream.read(to);
        },
        unpacked_);
}

}  // namespace sb::diff
