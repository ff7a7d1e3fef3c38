// core/delta: payload format `vcdiff` (RFC 3284) for devices: the default code table, no secondary compression, copies
// from the old image and within the window. Each window is made in work memory, checked against its checksum, and only
// then given out. An interleaved window (open-vcdiff's) is decoded as it comes; of any other one, the sections are
// gathered in work memory first. A checkpoint stands at each window's end.
#pragma once

#include "core/delta/factory.hpp"
#include "core/delta/vcdiff_interpreter.hpp"

namespace sb {

class VcdiffDecoder final : public Decoder {
public:
    /// Requires: `old_image` and `work` outlive the decoder.
    VcdiffDecoder(std::uint32_t image_bytes, Reader& old_image, MutableBytes work);

    /// Besides those of Decoder: unsupported for packed sections and for copies from earlier windows; too_large when a
    /// window needs more than the work memory.
    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    enum class Phase : std::uint8_t { header, window_header, sections, output, ended };

    [[nodiscard]] Result<void> take(Bytes& in);
    [[nodiscard]] Result<void> take_section(Bytes& in);
    [[nodiscard]] Result<void> begin_window();
    [[nodiscard]] Result<void> end_window();
    [[nodiscard]] std::size_t give(MutableBytes out);
    void expect_window();

    Reader* old_;
    MutableBytes memory_;  // for target and sections
    MutableBytes target_;
    std::uint8_t* gathered_;  // where the sections go on
    VcdiffInterpreter interpreter_;
    VcdiffHeader header_;
    VcdiffWindowHeader window_header_;
    std::uint32_t image_bytes_;
    std::uint32_t image_left_;
    std::uint32_t payload_offset_ = 0;
    std::uint32_t sections_left_;
    Phase phase_ = Phase::header;
};

/// Work memory for a window: what a packer announces is the largest of a patch.
[[nodiscard]] constexpr std::uint64_t vcdiff_ram_bytes(std::uint32_t target_bytes, std::uint32_t section_bytes,
                                                       bool interleaved) {
    const std::uint64_t bytes = std::uint64_t{vcdiff_small_cache_bytes} + target_bytes;
    return bytes + (interleaved ? 0 : section_bytes);
}

[[nodiscard]] Decoder* make_vcdiff_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry vcdiff_decoder{make_vcdiff_decoder, PayloadFormat::vcdiff, true};

}  // namespace sb
