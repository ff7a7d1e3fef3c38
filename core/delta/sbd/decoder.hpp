// core/delta/sbd: the streaming decoder of sbd patches (docs/sbd.md). All its memory is the object itself: 4096 bytes
// for budget 4K, and so on. The preamble of the patch is given at construction, since a decoder that starts again at
// a checkpoint needs it before any payload; what is fed are the segments behind it.
#pragma once

#include "core/delta/factory.hpp"
#include "core/delta/sbd/plan.hpp"
#include "core/delta/sbd/range_decoder.hpp"
#include "core/delta/sbd/source.hpp"

namespace sb {

template <sbd::Budget budget, class Fields>
class SbdDecoder final : public Decoder {
public:
    /// Requires: `old_image` and `made`, which reads what was handed out before, outlive the decoder.
    SbdDecoder(Reader& old_image, Reader& made)
        : source_(old_image, made),
          model_(coder_, source_, prepared_.plan.ground, prepared_.tables, prepared_.plan.pace) {}

    /// Reads the preamble; the payload behind it has `payload_bytes`.
    /// Errors: malformed, truncated, unsupported, too_large (a larger budget or another image size), wrong_source (the
    /// old image is shorter), no_decoder (an architecture that is not linked).
    [[nodiscard]] Error begin(Bytes preamble, std::uint32_t image_bytes, std::uint32_t old_bytes,
                              std::uint32_t payload_bytes);

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    enum class Step : std::uint8_t { length, start, bytes };

    [[nodiscard]] std::uint32_t image_bytes() const { return prepared_.plan.ground.new_bytes(); }
    [[nodiscard]] bool is_stored() const { return (prepared_.plan.flags & sbd::stored) != 0; }
    [[nodiscard]] Error decode_some(Bytes& in, MutableBytes out);
    [[nodiscard]] Error read_length(Bytes& in);
    [[nodiscard]] Error end_segment();
    void take(Bytes& in, std::size_t bytes) {
        in = in.subspan(bytes);
        payload_left_ -= static_cast<std::uint32_t>(bytes);
    }

    // Small parts reach what stands first with the shortest instructions.
    std::uint32_t made_ = 0;          // of the image
    std::uint32_t segment_end_ = 0;   // in the image
    std::uint32_t payload_left_ = 0;  // what was not taken in yet
    std::uint32_t payload_bytes_ = 0;
    std::uint32_t packed_bytes_ = 0;  // of the segment
    Step step_ = Step::length;
    bool begun_ = false;  // some of its digits are known
    sbd::Prepared prepared_{};
    sbd::RangeDecoder coder_;
    sbd::CachedSource source_;
    sbd::Model<sbd::RangeDecoder, sbd::CachedSource, Fields> model_;
    alignas(4) std::array<std::uint8_t, sbd::arena_bytes(budget)> arena_;
};

template <sbd::Budget budget, class Fields>
Error SbdDecoder<budget, Fields>::begin(Bytes preamble, std::uint32_t image_bytes, std::uint32_t old_bytes,
                                        std::uint32_t payload_bytes) {
    if (const Error error = sbd::prepare(preamble, arena_, prepared_); error != Error::none) return error;
    const sbd::Plan& plan = prepared_.plan;
    if (plan.budget > budget || plan.ground.new_bytes() != image_bytes) return Error::too_large;
    if (plan.ground.old_bytes() > old_bytes && !is_stored()) return Error::wrong_source;
    if (!Fields::has(plan.ground.architecture)) return Error::no_decoder;
    source_.set_old_bytes(plan.ground.old_bytes());
    payload_bytes_ = payload_left_ = payload_bytes;
    return Error::none;
}

template <sbd::Budget budget, class Fields>
Result<Progress> SbdDecoder<budget, Fields>::decode(Bytes in, MutableBytes out) {
    const std::uint32_t made_before = made_, left_before = payload_left_;
    source_.begin_call(made_, out.data());
    if (const Error error = decode_some(in, out); error != Error::none) return fail(error);
    Progress progress;
    progress.consumed = left_before - payload_left_;
    progress.produced = made_ - made_before;
    progress.done = made_ == image_bytes();
    if (progress.done && (!in.empty() || payload_left_ != 0)) return fail(Error::trailing_data);
    return progress;
}

/// Up to the end of a segment, where the caller may want a checkpoint.
template <sbd::Budget budget, class Fields>
Error SbdDecoder<budget, Fields>::decode_some(Bytes& in, MutableBytes out) {
    const std::uint32_t out_end = made_ + sbd::least(static_cast<std::uint32_t>(out.size()), image_bytes() - made_);
    if (is_stored()) {
        const std::size_t bytes = sbd::least(static_cast<std::uint32_t>(in.size()), out_end - made_);
        copy(out, in.first(bytes));
        take(in, bytes);
        made_ += static_cast<std::uint32_t>(bytes);
        return Error::none;
    }
    while (made_ != image_bytes()) {
        if (step_ == Step::length) {
            if (const Error error = read_length(in); error != Error::none || step_ == Step::length) return error;
        }
        take(in, coder_.feed(in));
        if (!coder_.ready()) return Error::none;
        if (step_ == Step::start) {
            coder_.start();
            source_.set_old_from(prepared_.plan.old_from(segment_end_));
            model_.begin_segment(made_, 0);
            step_ = Step::bytes;
        }
        const std::uint32_t end = sbd::least(out_end, segment_end_);
        while (made_ != end && coder_.ready()) {
            made_ += model_.code(end - made_);
            if (const Error error = source_.take_error(); error != Error::none) return error;
        }
        if (made_ == segment_end_) return end_segment();
        if (made_ == out_end) break;
    }
    return Error::none;
}

/// How long a segment is, where it is not the last.
template <sbd::Budget budget, class Fields>
Error SbdDecoder<budget, Fields>::read_length(Bytes& in) {
    segment_end_ = prepared_.plan.end_of_segment(made_);
    if (segment_end_ == image_bytes()) {
        packed_bytes_ = payload_left_;
    } else {
        std::uint8_t next = 0x80;
        while (next >= 0x80) {
            if (in.empty()) return Error::none;
            if (payload_left_ == 0) return Error::bad_patch;
            next = in.front();
            take(in, 1);
            packed_bytes_ = packed_bytes_ << 7 | (next & 0x7fU);
            begun_ = true;
        }
        if (packed_bytes_ > payload_left_) return Error::bad_patch;
    }
    coder_.begin(packed_bytes_);
    step_ = Step::start;
    return Error::none;
}

template <sbd::Budget budget, class Fields>
Error SbdDecoder<budget, Fields>::end_segment() {
    if (!coder_.used_up()) return Error::bad_patch;
    step_ = Step::length;
    packed_bytes_ = 0;
    begun_ = false;
    return Error::none;
}

template <sbd::Budget budget, class Fields>
bool SbdDecoder<budget, Fields>::checkpoint(Checkpoint& to) const {
    if (step_ != Step::length || begun_) return false;
    to = {};
    to.payload_offset = payload_bytes_ - payload_left_;
    return true;
}

template <sbd::Budget budget, class Fields>
Result<void> SbdDecoder<budget, Fields>::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    // That it is the end of a segment says the one who recorded it; if not, the image's digest will.
    if (output_bytes > image_bytes() || from.payload_offset > payload_bytes_) return fail(Error::malformed);
    payload_left_ = payload_bytes_ - from.payload_offset;
    made_ = output_bytes;
    step_ = Step::length;
    packed_bytes_ = 0;
    begun_ = false;
    source_.forget();
    return {};
}

/// Memory that the arena and a decoder on a part of 32 bits take, which is what packages announce.
template <sbd::Budget budget, class Fields>
Decoder* make_sbd_decoder(DecoderStorage&, const DecoderSetup& setup) {
    using Made = SbdDecoder<budget, Fields>;
    static_assert(sizeof(Made) <= sbd::budget_bytes(budget) + host_extra_bytes,
                  "the decoder is larger than its budget");
    static_assert(alignof(Made) <= 8);
    if (setup.work.size() < sizeof(Made) || reinterpret_cast<std::uintptr_t>(setup.work.data()) % alignof(Made) != 0)
        return nullptr;
    auto* const decoder = new (setup.work.data()) Made(*setup.old_image, *setup.made_image);
    const Error error =
        decoder->begin(setup.parameters, setup.image_bytes, setup.old_image->bytes(), setup.payload_bytes);
    return error == Error::none ? decoder : nullptr;
}

template <sbd::Budget budget, class Fields>
inline constexpr DecoderEntry sbd_decoder{make_sbd_decoder<budget, Fields>, PayloadFormat::sbd, true, true};

}  // namespace sb
