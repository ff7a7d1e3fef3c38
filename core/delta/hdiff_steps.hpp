// core/delta: payload format `hdiffsf`: HDIFFSF20 of HDiffPatch without compression, decoded as it comes. The patch
// is a row of steps: numbers of covers and run-length coded differences, which a device holds in its work memory (no
// step is larger than the header says), then the bytes that are in no cover, which pass through.
// A checkpoint stands before each step. Source of facts: patches that hdiffz 4.12 wrote (docs/format-delta.md).
#pragma once

#include "core/delta/factory.hpp"
#include "core/delta/hdiff_number.hpp"

namespace sb {

/// First bytes of an uncompressed HDIFFSF20: magic, an empty name of the compression, its end.
inline constexpr std::array<std::uint8_t, 11> hdiff_steps_magic{'H', 'D', 'I', 'F', 'F', 'S', 'F', '2', '0', '&', 0};

class HdiffStepsDecoder final : public Decoder {
public:
    /// Requires: `old_image` outlives the decoder. `work` holds a step: a patch with larger ones is too_large.
    HdiffStepsDecoder(std::uint32_t image_bytes, Reader& old_image, MutableBytes work)
        : old_(&old_image), work_(work), image_bytes_(image_bytes), image_left_(image_bytes) {}

    /// Besides the errors of Decoder: wrong_source when the old image is not as long as the patch says.
    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    enum class Phase : std::uint8_t { magic, header, step, fill, covers, done };

    [[nodiscard]] bool at_boundary() const { return phase_ == Phase::step && seen_ == 0 && number_.fresh(); }
    [[nodiscard]] Result<bool> advance(Bytes& in, MutableBytes& out);
    [[nodiscard]] Result<void> take_magic(std::uint8_t byte);
    [[nodiscard]] Result<void> take_header_number(std::uint32_t value);
    [[nodiscard]] Result<void> take_step_size(std::uint32_t value);
    [[nodiscard]] Result<void> next_cover();
    [[nodiscard]] Result<void> begin_step_or_end();
    [[nodiscard]] Result<void> add_differences(MutableBytes to);
    [[nodiscard]] Result<std::uint32_t> step_number(std::uint32_t& at, std::uint32_t end) const;

    Reader* old_;
    MutableBytes work_;
    HdiffNumber number_;
    Phase phase_ = Phase::magic;
    std::uint8_t seen_ = 0;     // bytes of the magic, numbers of the header or of a step's head
    bool values_next_ = false;  // which kind of run comes next among the differences
    std::uint32_t image_bytes_;
    std::uint32_t image_left_;
    std::uint32_t payload_offset_ = 0;
    std::uint32_t body_left_ = 0;    // of the announced bytes behind the header
    std::uint32_t covers_left_ = 0;  // of all steps, not read yet
    std::uint32_t step_limit_ = 0;   // what the header allows
    std::uint32_t filled_ = 0;       // bytes of the step's numbers that came in
    std::uint32_t cover_at_ = 0;     // in the work memory
    std::uint32_t cover_end_ = 0;
    std::uint32_t run_at_ = 0;
    std::uint32_t run_end_ = 0;
    std::uint32_t fresh_left_ = 0;  // bytes before the present cover
    std::uint32_t cover_left_ = 0;
    std::uint32_t old_position_ = 0;
    std::uint32_t same_left_ = 0;    // of the present run of zeros
    std::uint32_t values_left_ = 0;  // of the present run of differences
};

[[nodiscard]] Decoder* make_hdiff_steps_decoder(DecoderStorage& at, const DecoderSetup& setup);
inline constexpr DecoderEntry hdiff_steps_decoder{make_hdiff_steps_decoder, PayloadFormat::hdiffsf, true};

}  // namespace sb
