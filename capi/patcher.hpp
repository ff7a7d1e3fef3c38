// capi: one bare patch on its way into a new image: its head is gathered and judged, then core's decoder for its format
// makes the image, and pieces of one size leave by a callback. What a package's descriptor says for an install session,
// the head says here.
#pragma once

#include "capi/border.hpp"
#include "capi/decoder.hpp"
#include "capi/patch_head.hpp"

namespace sb::capi {

class Patcher {
public:
    /// Requires: `setup` was looked at (switchback_patch_begin).
    explicit Patcher(const switchback_patch_setup& setup);
    Patcher(const Patcher&) = delete;
    Patcher& operator=(const Patcher&) = delete;

    /// Errors: as switchback_patch_feed(). After one only that again.
    [[nodiscard]] Result<void> feed(Bytes data);
    /// The size of the new image. Errors: as switchback_patch_end().
    [[nodiscard]] Result<std::uint32_t> end();

private:
    static constexpr std::uint32_t piece_bytes = SWITCHBACK_PATCH_PIECE_BYTES;
    static constexpr std::uint32_t head_limit = SWITCHBACK_PATCH_HEAD_BYTES;

    /// The old image behind its callback.
    class OldImage final : public Reader {
    public:
        explicit OldImage(const Patcher& patcher) : patcher_(patcher) {}
        [[nodiscard]] std::uint32_t bytes() const override;
        [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;

    private:
        const Patcher& patcher_;
    };
    /// What was made so far: behind a callback, and at its end still in the stage.
    class MadeImage final : public Reader {
    public:
        explicit MadeImage(const Patcher& patcher) : patcher_(patcher) {}
        [[nodiscard]] std::uint32_t bytes() const override;
        [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;

    private:
        const Patcher& patcher_;
    };

    [[nodiscard]] Result<void> take(Bytes data);
    [[nodiscard]] Result<void> take_head(Bytes& data);
    [[nodiscard]] Result<void> begin_decoder();
    [[nodiscard]] Result<void> judge(const PatchHead& head) const;
    [[nodiscard]] Result<void> decode(Bytes in);
    [[nodiscard]] Result<void> advance(std::size_t count);
    [[nodiscard]] Result<void> write();
    [[nodiscard]] Result<void> finish();
    [[nodiscard]] bool is_whole() const;

    // The head needs its place until the decoder took it; the stage is behind what a format other than sbd has there,
    // and sbd's is gone before anything is made.
    [[nodiscard]] MutableBytes stage() { return MutableBytes(buffer_).last(piece_bytes); }

    switchback_patch_setup setup_;
    DecoderList decoders_;
    OldImage old_{*this};
    MadeImage made_{*this};
    DecoderStorage storage_;
    Decoder* decoder_ = nullptr;
    std::uint32_t fed_ = 0;       // bytes of the patch that came in
    std::uint32_t gathered_ = 0;  // bytes of the head
    std::uint32_t written_ = 0;   // bytes of the new image behind the callback
    std::uint32_t staged_ = 0;
    std::uint32_t parameter_bytes_ = 0;
    bool tells_new_bytes_ = false;
    bool done_ = false;
    Error error_ = Error::none;
    std::array<std::uint8_t, head_limit> buffer_;
};

using HousedPatcher = Housed<Patcher, switchback_patch, 0x50415443>;

}  // namespace sb::capi
