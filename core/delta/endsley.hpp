// core/delta: payload format `endsley`: a patch of ENDSLEY/BSDIFF43 without compression. A checkpoint stands
// everywhere: a triple that is not whole is fed again.
#pragma once

#include "core/delta/endsley_stream.hpp"
#include "core/delta/factory.hpp"

namespace sb {

class EndsleyDecoder final : public Decoder {
public:
    /// Requires: `old_image` outlives the decoder.
    EndsleyDecoder(std::uint32_t image_bytes, Reader& old_image)
        : stream_(image_bytes, old_image), image_bytes_(image_bytes) {}

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    EndsleyHeader header_;
    EndsleyStream stream_;
    std::uint32_t image_bytes_;
    std::uint32_t payload_offset_ = 0;
};

[[nodiscard]] Decoder* make_endsley_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry endsley_decoder{make_endsley_decoder, PayloadFormat::endsley, true};

}  // namespace sb
