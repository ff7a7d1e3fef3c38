// core/delta: streaming payload decoders. Patch bytes go in, in pieces of any size; image bytes come out, in order.
// A decoder never reads outside the old image, never makes more than the announced output, and treats every input
// as hostile although it was authenticated.
//
//   loop: p = decoder.decode(in, out); in = in.subspan(p.consumed); out = out.subspan(p.produced);
//         until p.done, or neither in nor out makes progress. The old image is a Reader given at construction.
#pragma once

#include "core/base/reader.hpp"

namespace sb {

/// Payload formats, as named on the command line and numbered in the payload descriptor (docs/format.md).
enum class PayloadFormat : std::uint8_t {
    raw = 0,
    lzma = 1,
    endsley = 2,
    endsley_lzma = 3,
    hpatchlite = 4,
    vcdiff = 5,
    hdiffsf = 6,
    sbd = 7
};

/// Whether payloads of `format` start from an old image.
[[nodiscard]] constexpr bool is_delta(PayloadFormat format) {
    return format != PayloadFormat::raw && format != PayloadFormat::lzma;
}

/// Whether a patch of `format` can rewrite the image it starts from where that stands.
[[nodiscard]] constexpr bool works_in_place(PayloadFormat format) {
    return format == PayloadFormat::sbd || format == PayloadFormat::endsley || format == PayloadFormat::endsley_lzma;
}

/// What one call of decode() did.
struct Progress {
    std::size_t consumed = 0;  ///< bytes taken from `in`
    std::size_t produced = 0;  ///< bytes put to the front of `out`
    bool done = false;         ///< the announced output is complete and the payload ended where it must
};

/// Where a decoder can start again: its own 28 bytes beside the payload offset. Meaningful only together with the
/// output offset at which it was taken.
struct Checkpoint {
    std::uint32_t payload_offset = 0;  ///< first payload byte to feed after restore()
    std::array<std::uint8_t, 28> state{};
};

class Decoder {
public:
    /// Decodes as far as `in` and `out` allow. Either may be empty; with `out` empty the decoder still takes what
    /// input it can without making output. Calling again after done, with no input, is done again; with input:
    /// Error::trailing_data.
    /// Errors: bad_patch, malformed, too_large, unsupported, those of Reader::read on the old image. After an error:
    /// only restore().
    [[nodiscard]] virtual Result<Progress> decode(Bytes in, MutableBytes out) = 0;

    /// Whether the decoder stands at a point where it can start again, and the checkpoint for it.
    [[nodiscard]] virtual bool checkpoint(Checkpoint& to) const = 0;
    /// Starts again at `from`, taken at `output_bytes`. Errors: malformed when it cannot be one of this payload.
    [[nodiscard]] virtual Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) = 0;

protected:
    ~Decoder() = default;
};

}  // namespace sb
