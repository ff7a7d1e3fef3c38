// core/delta: payload format `hpatchlite`: a patch of HPatchLite, plain or packed with tinyuz. Work memory is the
// dictionary. A checkpoint stands everywhere in a plain patch, and only at the start of a packed one: its dictionary
// is no part of any image.
#pragma once

#include "core/delta/factory.hpp"
#include "core/delta/hpatchlite_stream.hpp"
#include "core/delta/tinyuz.hpp"

namespace sb {

class HpatchliteDecoder final : public Decoder {
public:
    /// Requires: `old_image` and `work` outlive the decoder.
    HpatchliteDecoder(std::uint32_t image_bytes, Reader& old_image, MutableBytes work)
        : stream_(image_bytes, old_image), work_(work), image_bytes_(image_bytes) {}

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    [[nodiscard]] Error begin();
    [[nodiscard]] bool ends_well() const;

    bool packed_ = false;
    bool done_ = false;
    HpatchliteHeader header_;
    HpatchliteStream stream_;
    Tinyuz tinyuz_;
    MutableBytes work_;
    std::uint32_t image_bytes_;
    std::uint32_t payload_offset_ = 0;
    std::uint32_t plain_left_ = 0;  // announced bytes of the stream that are not unpacked yet
};

[[nodiscard]] Decoder* make_hpatchlite_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry hpatchlite_decoder{make_hpatchlite_decoder, PayloadFormat::hpatchlite, true};

}  // namespace sb
