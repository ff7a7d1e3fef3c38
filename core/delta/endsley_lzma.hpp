// core/delta: payload format `endsley+lzma`: the header of ENDSLEY/BSDIFF43, then its instruction stream in LZMA
// segments that end where the new image reaches a multiple of the segment length. A checkpoint stands at each
// segment's end.
#pragma once

#include "core/delta/endsley_stream.hpp"
#include "core/delta/factory.hpp"
#include "core/delta/lzma_segments.hpp"

namespace sb {

class EndsleyLzmaDecoder final : public Decoder {
public:
    /// Requires: `old_image` outlives the decoder; `work` as for LzmaSegments.
    EndsleyLzmaDecoder(std::uint32_t image_bytes, Reader& old_image, MutableBytes work)
        : stream_(image_bytes, old_image), segments_(work), image_bytes_(image_bytes) {}

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    [[nodiscard]] Result<bool> advance(Bytes in, MutableBytes out, Progress& progress);

    EndsleyHeader header_;
    EndsleyStream stream_;
    LzmaSegments segments_;
    std::uint32_t image_bytes_;
    std::uint32_t payload_offset_ = 0;
};

[[nodiscard]] Decoder* make_endsley_lzma_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry endsley_lzma_decoder{make_endsley_lzma_decoder, PayloadFormat::endsley_lzma, true};

}  // namespace sb
