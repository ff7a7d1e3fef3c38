// core/delta: HDIFF13 of HDiffPatch, decoded from its four parts, which are read side by side: covers, runs of
// differences, their values, and the bytes that are in no cover. The runs span the whole new image; over bytes that
// are in no cover they say nothing. Fixed memory; hosts only, since the parts stand one behind the other.
// Source of facts: patches that hdiffz 4.12 wrote (docs/format-delta.md).
#pragma once

#include "core/delta/hdiff_header.hpp"
#include "core/delta/patch_source.hpp"

namespace sb {

/// A part, unpacked. Reads through a small buffer, since most of its numbers are one byte long.
class HdiffPartStream {
public:
    /// `bytes`: what the header announces; neither more nor less may come.
    HdiffPartStream(ByteStream& stream, std::uint32_t bytes) : stream_(&stream), left_(bytes) {}

    /// Errors: bad_patch when more is read than was announced; those of the stream.
    [[nodiscard]] Result<void> read(MutableBytes to);
    [[nodiscard]] Result<std::uint8_t> byte();
    /// Errors: bad_patch unless all was read and the stream is at its end.
    [[nodiscard]] Result<void> finish();

private:
    static constexpr std::size_t buffer_bytes = 64;

    ByteStream* stream_;
    std::uint32_t left_;  // not given out yet
    std::uint8_t at_ = 0;
    std::uint8_t held_ = 0;
    std::array<std::uint8_t, buffer_bytes> buffer_{};
};

class HdiffPartsDecoder final : public PullDecoder {
public:
    struct Streams {
        ByteStream& cover_numbers;
        ByteStream& runs;
        ByteStream& values;
        ByteStream& fresh;
    };
    /// Requires: `old_image` and the streams outlive the decoder. The streams give the parts unpacked.
    HdiffPartsDecoder(const HdiffPartsHeader& header, Reader& old_image, const Streams& streams);

    /// Besides the errors of PullDecoder: wrong_source when the old image is not as long as the patch says.
    [[nodiscard]] Result<std::size_t> produce(MutableBytes out) override;

private:
    [[nodiscard]] Result<void> next_cover();
    [[nodiscard]] Result<std::uint32_t> number(unsigned tag_bits, std::uint8_t& tag, HdiffPartStream& from);
    [[nodiscard]] Result<void> next_run();
    [[nodiscard]] Result<void> add_differences(MutableBytes to);
    [[nodiscard]] Result<void> skip_differences(std::size_t count);
    [[nodiscard]] Result<void> finish();

    Reader* old_;
    HdiffPartStream cover_numbers_, runs_, values_, fresh_;
    std::uint32_t old_bytes_;
    std::uint32_t image_left_;
    std::uint32_t covers_left_;
    std::uint32_t unrun_left_;  // bytes of the image that no run has reached
    std::uint32_t fresh_left_ = 0;
    std::uint32_t cover_left_ = 0;
    std::uint32_t old_position_ = 0;
    std::uint32_t run_left_ = 0;
    std::uint8_t run_type_ = 0;
    std::uint8_t run_value_ = 0;
    bool finished_ = false;
};

}  // namespace sb
