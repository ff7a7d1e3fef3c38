#include "core/delta/hdiff_steps.hpp"

#include <algorithm>
#include <new>

namespace sb {
namespace {

constexpr std::uint8_t header_numbers = 6;

}  // namespace

Result<Progress> HdiffStepsDecoder::decode(Bytes in, MutableBytes out) {
    const std::size_t offered = in.size();
    const std::size_t room = out.size();
    if (phase_ == Phase::done && offered != 0) return fail(Error::trailing_data);
    while (phase_ != Phase::done) {
        SB_TRY_ASSIGN(const bool moved, advance(in, out));
        if (!moved) break;
    }
    const std::size_t consumed = offered - in.size();
    payload_offset_ += static_cast<std::uint32_t>(consumed);
    return Progress{consumed, room - out.size(), phase_ == Phase::done};
}

/// Does the next small thing, and takes what it used off `in` and `out`; false when it cannot be done yet.
Result<bool> HdiffStepsDecoder::advance(Bytes& in, MutableBytes& out) {
    std::size_t used = 0;
    std::size_t made = 0;
    if (phase_ <= Phase::step) {
        // without room for output the last step ends here, so that a checkpoint stands
        if (in.empty() || (out.empty() && at_boundary() && image_left_ != 0)) return false;
        const std::uint8_t byte = in[0];
        used = 1;
        if (phase_ == Phase::magic) {
            SB_TRY(take_magic(byte));
        } else {
            if (phase_ == Phase::step && body_left_-- == 0) return fail(Error::bad_patch);
            SB_TRY_ASSIGN(const bool whole, number_.take(byte));
            if (whole)
                SB_TRY(phase_ == Phase::header ? take_header_number(number_.whole_value())
                                               : take_step_size(number_.whole_value()));
        }
    } else if (phase_ == Phase::fill) {
        used = std::min<std::size_t>(in.size(), run_end_ - filled_);
        copy(work_.subspan(filled_), in.first(used));
        filled_ += static_cast<std::uint32_t>(used);
        body_left_ -= static_cast<std::uint32_t>(used);
        if (filled_ == run_end_) {
            phase_ = Phase::covers;
        } else if (used == 0) {
            return false;
        }
    } else if (fresh_left_ != 0) {
        used = made = std::min<std::size_t>({in.size(), out.size(), fresh_left_});
        if (used == 0) return false;
        copy(out, in.first(used));
        fresh_left_ -= static_cast<std::uint32_t>(used);
        body_left_ -= static_cast<std::uint32_t>(used);
    } else if (cover_left_ != 0) {
        made = std::min<std::size_t>(out.size(), cover_left_);
        if (made == 0) return false;
        SB_TRY(old_->read(old_position_, out.first(made)));
        SB_TRY(add_differences(out.first(made)));
        cover_left_ -= static_cast<std::uint32_t>(made);
        old_position_ += static_cast<std::uint32_t>(made);
    } else {
        SB_TRY(cover_at_ != cover_end_ ? next_cover() : begin_step_or_end());
    }
    in = in.subspan(used);
    out = out.subspan(made);
    image_left_ -= static_cast<std::uint32_t>(made);
    return true;
}

Result<void> HdiffStepsDecoder::take_magic(std::uint8_t byte) {
    if (byte != hdiff_steps_magic[seen_])
        return fail(seen_ + 1U == hdiff_steps_magic.size() ? Error::unsupported : Error::malformed);
    if (++seen_ == hdiff_steps_magic.size()) {
        seen_ = 0;
        phase_ = Phase::header;
    }
    return {};
}

Result<void> HdiffStepsDecoder::take_header_number(std::uint32_t value) {
    switch (seen_) {
        case 0:
            if (value != image_bytes_) return fail(Error::malformed);
            break;
        case 1:
            if (value != old_->bytes()) return fail(Error::wrong_source);
            break;
        case 2:
            covers_left_ = value;
            break;
        case 3:
            if (value > work_.size()) return fail(Error::too_large);
            step_limit_ = value;
            break;
        case 4:
            body_left_ = value;
            break;
        default:  // the packed size
            if (value != 0) return fail(Error::unsupported);
    }
    if (++seen_ == header_numbers) return begin_step_or_end();
    return {};
}

Result<void> HdiffStepsDecoder::begin_step_or_end() {
    seen_ = 0;
    phase_ = Phase::step;
    if (covers_left_ != 0) return {};
    if (image_left_ != 0 || body_left_ != 0) return fail(Error::bad_patch);
    phase_ = Phase::done;
    return {};
}

/// Two numbers begin a step: bytes of cover numbers, then bytes of differences.
Result<void> HdiffStepsDecoder::take_step_size(std::uint32_t value) {
    if (seen_ == 0) {
        if (value == 0 || value > step_limit_) return fail(Error::bad_patch);
        cover_at_ = filled_ = 0;
        cover_end_ = run_at_ = value;
        seen_ = 1;
        return {};
    }
    if (value > step_limit_ - cover_end_) return fail(Error::bad_patch);
    run_end_ = cover_end_ + value;
    if (run_end_ > body_left_) return fail(Error::bad_patch);
    same_left_ = values_left_ = 0;
    values_next_ = false;
    phase_ = Phase::fill;
    return {};
}

Result<std::uint32_t> HdiffStepsDecoder::step_number(std::uint32_t& at, std::uint32_t end) const {
    SB_TRY_ASSIGN(const HdiffNumber number, read_hdiff_number(work_.first(end), at));
    return number.whole_value();
}

Result<void> HdiffStepsDecoder::next_cover() {
    if (covers_left_ == 0) return fail(Error::bad_patch);
    --covers_left_;
    SB_TRY_ASSIGN(const HdiffNumber seek, read_hdiff_number(work_.first(cover_end_), cover_at_, 1));
    SB_TRY_ASSIGN(fresh_left_, step_number(cover_at_, cover_end_));
    SB_TRY_ASSIGN(cover_left_, step_number(cover_at_, cover_end_));
    const std::uint32_t old_bytes = old_->bytes();
    const bool back = seek.tag() != 0;
    if (seek.whole_value() > (back ? old_position_ : old_bytes - old_position_)) return fail(Error::bad_patch);
    old_position_ += back ? 0U - seek.whole_value() : seek.whole_value();
    const bool empty_before_the_last = cover_left_ == 0 && covers_left_ != 0;
    if (empty_before_the_last || cover_left_ > old_bytes - old_position_ || fresh_left_ > body_left_ ||
        fresh_left_ > image_left_ || cover_left_ > image_left_ - fresh_left_)
        return fail(Error::bad_patch);
    return {};
}

/// Differences are runs: a number of bytes that are the old ones, a number of bytes to be added, those bytes; again.
Result<void> HdiffStepsDecoder::add_differences(MutableBytes to) {
    while (!to.empty()) {
        std::size_t count = std::min<std::size_t>(to.size(), same_left_);
        same_left_ -= static_cast<std::uint32_t>(count);
        to = to.subspan(count);
        count = std::min<std::size_t>(to.size(), values_left_);
        const Bytes values = work_.subspan(run_at_, count);
        for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::uint8_t>(to[i] + values[i]);
        values_left_ -= static_cast<std::uint32_t>(count);
        run_at_ += static_cast<std::uint32_t>(count);
        to = to.subspan(count);
        if (to.empty()) break;
        SB_TRY_ASSIGN(const std::uint32_t run, step_number(run_at_, run_end_));
        if (values_next_ && run > run_end_ - run_at_) return fail(Error::bad_patch);
        (values_next_ ? values_left_ : same_left_) = run;
        values_next_ = !values_next_;
    }
    return {};
}

bool HdiffStepsDecoder::checkpoint(Checkpoint& to) const {
    const bool at_start = phase_ == Phase::magic && seen_ == 0;
    if (!at_start && !at_boundary()) return false;
    to = Checkpoint{};
    to.payload_offset = payload_offset_;
    if (at_start) return true;
    store_le(to.state, 0, old_position_);
    store_le(to.state, 4, covers_left_);
    store_le(to.state, 8, body_left_);
    store_le(to.state, 12, step_limit_);
    return true;
}

Result<void> HdiffStepsDecoder::restore(const Checkpoint& from, std::uint32_t output_bytes) {
    if (output_bytes > image_bytes_) return fail(Error::malformed);
    const bool at_start = from.payload_offset == 0;
    if (at_start && output_bytes != 0) return fail(Error::malformed);
    payload_offset_ = from.payload_offset;
    image_left_ = image_bytes_ - output_bytes;
    phase_ = at_start ? Phase::magic : Phase::step;
    seen_ = 0;
    number_.reset();
    fresh_left_ = cover_left_ = cover_at_ = cover_end_ = 0;
    old_position_ = load_le<std::uint32_t>(from.state, 0);
    covers_left_ = load_le<std::uint32_t>(from.state, 4);
    body_left_ = load_le<std::uint32_t>(from.state, 8);
    step_limit_ = load_le<std::uint32_t>(from.state, 12);
    if (old_position_ > old_->bytes() || step_limit_ > work_.size()) return fail(Error::malformed);
    if (!at_start && covers_left_ == 0) return fail(Error::malformed);
    return {};
}

Decoder* make_hdiff_steps_decoder(DecoderStorage& at, const DecoderSetup& setup) {
    static_assert(sizeof(HdiffStepsDecoder) <= DecoderStorage::size);
    return new (at.bytes.data())
        HdiffStepsDecoder(setup.image_bytes, *setup.old_image, setup.work.first(setup.decoder_ram_bytes));
}

}  // namespace sb
