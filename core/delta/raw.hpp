// core/delta: payload format `raw`: the image itself.
#pragma once

#include "core/delta/factory.hpp"

namespace sb {

class RawDecoder final : public Decoder {
public:
    explicit RawDecoder(std::uint32_t image_bytes) : image_bytes_(image_bytes) {}

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    std::uint32_t image_bytes_;
    std::uint32_t made_ = 0;
};

[[nodiscard]] Decoder* make_raw_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry raw_decoder{make_raw_decoder, PayloadFormat::raw, false};

}  // namespace sb
