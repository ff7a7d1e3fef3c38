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
    [[nodiscard]] Result<void> begin(Bytes preamble, std::uint32_t image_bytes, std::uint32_t old_bytes,
                                     std::uint32_t payload_bytes);

    [[nodiscard]] Result<Progress> decode(Bytes in, MutableBytes out) override;
    [[nodiscard]] bool checkpoint(Checkpoint& to) const override;
    [[nodiscard]] Result<void> restore(const Checkpoint& from, std::uint32_t output_bytes) override;

private:
    enum class Step : std::uint8_t { length, start, bytes };

    [[nodiscard]] std::uint32_t image_bytes() const { return prepared_.plan.ground.new_bytes(); }
    [[nodiscard]] bool is_stored() const { return (prepared_.plan.flags & sbd::stored) != 0; }
    [[nodiscard]] Result<void> open_segment(Bytes& in);
    [[nodiscard]] Result<void> run_segment(Bytes& in, MutableBytes out, std::size_t& produced);
    void copy_stored(Bytes& in, MutableBytes out, std::size_t& produced);

    sbd::Prepared prepared_;
    sbd::CachedSource source_;
    sbd::RangeDecoder coder_;
    sbd::Model<sbd::RangeDecoder, sbd::CachedSource, Fields> model_;
    std::uint32_t payload_bytes_ = 0;
    std::uint32_t taken_ = 0;         // of the payload
    std::uint32_t made_ = 0;          // of the image
    std::uint32_t segment_end_ = 0;   // in the image
    std::uint32_t packed_bytes_ = 0;  // of the segment
    std::uint8_t length_shift_ = 0;   // bits of packed_bytes_ that are known
    Step step_ = Step::length;
    alignas(4) std::array<std::uint8_t, sbd::arena_bytes(budget)> arena_;
};

template <sbd::Budget budget, class Fields>
Result<void> SbdDecoder<budget, Fields>::begin(Bytes preamble, std::uint32_t image_bytes, std::uint32_t old_bytes,
                                               std::uint32_t payload_bytes) {
    SB_TRY(sbd::prepare(preamble, arena_, prepared_));
    const sbd::Plan& plan = prepared_.plan;
    if (plan.budget > budget || plan.ground.new_bytes() != image_bytes) return fail(Error::too_large);
    if (plan.ground.old_bytes() > old_bytes && !is_stored()) return fail(Error::wrong_source);
    if (!Fields::has(plan.ground.architecture)) return fail(Error::no_decoder);
    source_.set_old_bytes(plan.ground.old_bytes());
    payload_bytes_ = payload_bytes;
    return {};
}

template <sbd::Budget budget, class Fields>
Result<Progress> SbdDecoder<budget, Fields>::decode(Bytes in, MutableBytes out) {
    Progress progress;
    const std::size_t offered = in.size();
    source_.begin_call(made_, out);
    while (made_ != image_bytes()) {
        const std::size_t before = in.size();
        const std::uint32_t made_before = made_;
        const Step step_before = step_;
        if (is_stored())
            copy_stored(in, out, progress.produced);
        else if (step_ == Step::bytes)
            SB_TRY(run_segment(in, out, progress.produced));
        else
            SB_TRY(open_segment(in));
        if (step_ == Step::length && made_ != made_before) break;  // a point to go on from: the caller may want it
        if (in.size() == before && made_ == made_before && step_ == step_before) break;
    }
    progress.consumed = offered - in.size();
    if (made_ == image_bytes()) {
        if (!in.empty() || taken_ != payload_bytes_) return fail(Error::trailing_data);
        progress.done = true;
    }
    return progress;
}

/// How long it is, where it is not the last; then its first decisions.
template <sbd::Budget budget, class Fields>
Result<void> SbdDecoder<budget, Fields>::open_segment(Bytes& in) {
    if (step_ == Step::length) {
        segment_end_ = prepared_.plan.end_of_segment(made_);
        if (segment_end_ == image_bytes()) {
            packed_bytes_ = payload_bytes_ - taken_;
        } else {
            if (in.empty()) return {};
            if (length_shift_ > 28 || taken_ == payload_bytes_) return fail(Error::bad_patch);
            const std::uint8_t next = in.front();
            in = in.subspan(1);
            ++taken_;
            packed_bytes_ |= static_cast<std::uint32_t>(next & 0x7fU) << length_shift_;
            length_shift_ = static_cast<std::uint8_t>(length_shift_ + 7);
            if ((next & 0x80U) != 0) return {};
            if (packed_bytes_ > payload_bytes_ - taken_) return fail(Error::bad_patch);
        }
        coder_.begin(packed_bytes_);
        step_ = Step::start;
    }
    const std::size_t fed = coder_.feed(in);
    in = in.subspan(fed);
    taken_ += static_cast<std::uint32_t>(fed);
    if (!coder_.ready()) return {};
    coder_.start();
    source_.set_old_from(prepared_.plan.old_from(segment_end_));
    model_.begin_segment(made_, 0);
    step_ = Step::bytes;
    return {};
}

template <sbd::Budget budget, class Fields>
Result<void> SbdDecoder<budget, Fields>::run_segment(Bytes& in, MutableBytes out, std::size_t& produced) {
    const std::size_t fed = coder_.feed(in);
    in = in.subspan(fed);
    taken_ += static_cast<std::uint32_t>(fed);
    while (made_ != segment_end_ && produced != out.size() && coder_.ready()) {
        const auto room = static_cast<std::uint32_t>(out.size() - produced);
        const std::uint32_t bytes = model_.code({}, sbd::least(room, segment_end_ - made_));
        made_ += bytes;
        produced += bytes;
        if (const Error error = source_.take_error(); error != Error::none) return fail(error);
    }
    if (made_ != segment_end_) return {};
    if (!coder_.used_up()) return fail(Error::bad_patch);
    step_ = Step::length;
    packed_bytes_ = length_shift_ = 0;
    return {};
}

template <sbd::Budget budget, class Fields>
void SbdDecoder<budget, Fields>::copy_stored(Bytes& in, MutableBytes out, std::size_t& produced) {
    std::size_t count = out.size() - produced;
    if (count > in.size()) count = in.size();
    if (count > image_bytes() - made_) count = image_bytes() - made_;
    copy(out.subspan(produced), in.first(count));
    in = in.subspan(count);
    taken_ += static_cast<std::uint32_t>(count);
    made_ += static_cast<std::uint32_t>(count);
    produced += count;
}

template <sbd::Budget budget, class Fields>
bool SbdDecoder<budget, Fields>::checkpoint(Checkpoint& to) const {
    if (step_ != Step::length || length_shift_ != 0) return false;
    to = {};
    to.payload_offset = taken_;
    return true;
}

template <sbd::Budget budget, class Fields>
Result<void> SbdDecoder<budget, Fields>::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    // That it is the end of a segment says the one who recorded it; if not, the image's digest will.
    if (output_bytes > image_bytes() || from.payload_offset > payload_bytes_) return fail(Error::malformed);
    taken_ = from.payload_offset;
    made_ = output_bytes;
    step_ = Step::length;
    packed_bytes_ = length_shift_ = 0;
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
    const auto begun =
        decoder->begin(setup.parameters, setup.image_bytes, setup.old_image->bytes(), setup.payload_bytes);
    return begun ? decoder : nullptr;
}

template <sbd::Budget budget, class Fields>
inline constexpr DecoderEntry sbd_decoder{make_sbd_decoder<budget, Fields>, PayloadFormat::sbd, true, true};

}  // namespace sb
