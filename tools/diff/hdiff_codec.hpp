// tools/diff: the compressions of HDiffPatch, by the names on the command line and in its patches.
#pragma once

#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/delta/hdiff_header.hpp"
#include "core/delta/patch_source.hpp"
#include "tools/diff/codec_bzip2.hpp"
#include "tools/diff/codec_lzma.hpp"
#include "tools/diff/codec_zlib.hpp"
#include "tools/diff/codec_zstd.hpp"

namespace sb::diff {

enum class HdiffCodec { none, lzma2, lzma, zlib, zstd, bzip2 };

/// On the command line; the first one is the default.
[[nodiscard]] std::span<const std::string_view> hdiff_compressions();
/// By its name on the command line; an empty one is the default.
[[nodiscard]] HdiffCodec hdiff_codec(std::string_view option);
/// By its name in a patch; none for a name that is not read here.
[[nodiscard]] std::optional<HdiffCodec> hdiff_codec_in_patch(std::string_view name);
[[nodiscard]] std::string_view name_in_patch(HdiffCodec codec);
[[nodiscard]] std::string_view name_on_command_line(HdiffCodec codec);

/// `effort`: of the LZMA encoders. Requires: not none.
[[nodiscard]] std::vector<std::uint8_t> pack_hdiff(Bytes plain, HdiffCodec codec, Effort effort);

/// A part of a patch, unpacked. Memory does not grow beyond what the part announces.
class HdiffPartReader final : public ByteStream {
public:
    /// Requires: the part lies inside `patch`, which outlives the reader.
    HdiffPartReader(PatchSource& patch, std::uint32_t at, const HdiffPart& part, HdiffCodec codec);

    /// Errors: those of the stream that unpacks; unsupported for a packed part without a compression.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to) override;

private:
    struct Refused {};
    RangeStream stored_;
    std::variant<std::monostate, ZlibStream, ZstdStream, LzmaStream, Bzip2Unpacker, Refused> unpacked_;
};

}  // namespace sb::diff
