// core/delta: payload format `lzma`: the image in LZMA segments. A checkpoint stands at each segment's end.
#pragma once

#include "core/delta/factory.hpp"
#include "core/delta/lzma_segments.hpp"

namespace sb {

class LzmaDecoder final : public Decoder {
public:
    /// Requires: `work` as for LzmaSegments.
    LzmaDecoder(std::uint32_t image_bytes, MutableBytes work)
        : segments_(work), image_bytes_(image_bytes), image_left_(image_bytes) {}

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    [[nodiscard]] Result<bool> advance(Bytes in, MutableBytes out, Progress& progress);

    LzmaSegments segments_;
    std::uint32_t image_bytes_;
    std::uint32_t image_left_;
    std::uint32_t payload_offset_ = 0;
};

[[nodiscard]] Decoder* make_lzma_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry lzma_decoder{make_lzma_decoder, PayloadFormat::lzma, false};

}  // namespace sb
