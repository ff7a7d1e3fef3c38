#include "core/delta/hdiff_parts.hpp"

#include "core/delta/hdiff_number.hpp"

namespace sb {
namespace {

/// Types of runs, as the two bits above a run's length say.
enum : std::uint8_t { run_of_zeros = 0, run_of_ones = 1, run_of_a_value = 2, run_of_values = 3 };

}  // namespace

Result<void> HdiffPartStream::read(MutableBytes to) {
    if (to.size() > left_) return fail(Error::bad_patch);
    left_ -= static_cast<std::uint32_t>(to.size());
    const std::size_t from_buffer = std::min<std::size_t>(to.size(), static_cast<std::size_t>(held_ - at_));
    copy(to, Bytes(buffer_).subspan(at_, from_buffer));
    at_ = static_cast<std::uint8_t>(at_ + from_buffer);
    return read_exactly(*stream_, to.subspan(from_buffer));
}

Result<std::uint8_t> HdiffPartStream::byte() {
    if (left_ == 0) return fail(Error::bad_patch);
    if (at_ == held_) {
        SB_TRY_ASSIGN(const std::size_t count,
                      stream_->read(MutableBytes(buffer_).first(std::min<std::size_t>(left_, buffer_bytes))));
        if (count == 0) return fail(Error::truncated);
        at_ = 0;
        held_ = static_cast<std::uint8_t>(count);
    }
    --left_;
    return buffer_[at_++];
}

Result<void> HdiffPartStream::finish() {
    if (left_ != 0) return fail(Error::bad_patch);
    SB_TRY_ASSIGN(const std::size_t more, stream_->read(MutableBytes(buffer_).first(1)));
    if (more != 0) return fail(Error::bad_patch);
    return {};
}

HdiffPartsDecoder::HdiffPartsDecoder(const HdiffPartsHeader& header, Reader& old_image, const Streams& streams)
    : old_(&old_image),
      cover_numbers_(streams.cover_numbers, header.cover_numbers.plain_bytes),
      runs_(streams.runs, header.runs.plain_bytes),
      values_(streams.values, header.values.plain_bytes),
      fresh_(streams.fresh, header.fresh.plain_bytes),
      old_bytes_(header.old_bytes),
      image_left_(header.new_bytes),
      covers_left_(header.covers),
      unrun_left_(header.new_bytes) {}

Result<std::size_t> HdiffPartsDecoder::produce(MutableBytes out) {
    if (old_bytes_ != old_->bytes()) return fail(Error::wrong_source);
    std::size_t made = 0;
    for (;;) {
        const MutableBytes room = out.subspan(made);
        std::size_t count = 0;
        if (fresh_left_ != 0) {
            count = std::min<std::size_t>(room.size(), fresh_left_);
            SB_TRY(fresh_.read(room.first(count)));
            SB_TRY(skip_differences(count));
            fresh_left_ -= static_cast<std::uint32_t>(count);
        } else if (cover_left_ != 0) {
            count = std::min<std::size_t>(room.size(), cover_left_);
            SB_TRY(old_->read(old_position_, room.first(count)));
            SB_TRY(add_differences(room.first(count)));
            cover_left_ -= static_cast<std::uint32_t>(count);
            old_position_ += static_cast<std::uint32_t>(count);
        } else if (covers_left_ != 0) {
            SB_TRY(next_cover());
            continue;
        } else if (image_left_ != 0) {
            fresh_left_ = image_left_;
            continue;
        } else {
            SB_TRY(finish());
            return made;
        }
        if (count == 0) return made;
        made += count;
        image_left_ -= static_cast<std::uint32_t>(count);
    }
}

Result<std::uint32_t> HdiffPartsDecoder::number(unsigned tag_bits, std::uint8_t& tag, HdiffPartStream& from) {
    HdiffNumber number;
    for (;;) {  // bounded: a number that does not end is malformed
        SB_TRY_ASSIGN(const std::uint8_t byte, from.byte());
        SB_TRY_ASSIGN(const bool whole, number.take(byte, tag_bits));
        if (whole) break;
    }
    tag = number.tag();
    return number.whole_value();
}

Result<void> HdiffPartsDecoder::next_cover() {
    --covers_left_;
    std::uint8_t back = 0;
    std::uint8_t none = 0;
    SB_TRY_ASSIGN(const std::uint32_t seek, number(1, back, cover_numbers_));
    SB_TRY_ASSIGN(fresh_left_, number(0, none, cover_numbers_));
    SB_TRY_ASSIGN(cover_left_, number(0, none, cover_numbers_));
    if (seek > (back != 0 ? old_position_ : old_bytes_ - old_position_)) return fail(Error::bad_patch);
    old_position_ += back != 0 ? 0U - seek : seek;
    if (cover_left_ > old_bytes_ - old_position_ || fresh_left_ > image_left_ ||
        cover_left_ > image_left_ - fresh_left_)
        return fail(Error::bad_patch);
    return {};
}

Result<void> HdiffPartsDecoder::next_run() {
    SB_TRY_ASSIGN(const std::uint32_t length_less_one, number(2, run_type_, runs_));
    if (length_less_one >= unrun_left_) return fail(Error::bad_patch);
    run_left_ = length_less_one + 1;
    unrun_left_ -= run_left_;
    run_value_ = run_type_ == run_of_ones ? 0xff : 0;
    if (run_type_ == run_of_a_value) {
        SB_TRY_ASSIGN(run_value_, values_.byte());
    }
    return {};
}

Result<void> HdiffPartsDecoder::add_differences(MutableBytes to) {
    while (!to.empty()) {
        if (run_left_ == 0) SB_TRY(next_run());
        std::array<std::uint8_t, 64> values;
        std::size_t count = std::min<std::size_t>(to.size(), run_left_);
        if (run_type_ == run_of_values) {
            count = std::min(count, values.size());
            SB_TRY(values_.read(MutableBytes(values).first(count)));
            for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<std::uint8_t>(to[i] + values[i]);
        } else if (run_value_ != 0) {
            for (std::uint8_t& byte : to.first(count)) byte = static_cast<std::uint8_t>(byte + run_value_);
        }
        run_left_ -= static_cast<std::uint32_t>(count);
        to = to.subspan(count);
    }
    return {};
}

Result<void> HdiffPartsDecoder::skip_differences(std::size_t count) {
    while (count != 0) {
        std::array<std::uint8_t, 64> unused{};
        const MutableBytes piece = MutableBytes(unused).first(std::min(count, unused.size()));
        if (run_left_ > count && run_type_ != run_of_values) {
            run_left_ -= static_cast<std::uint32_t>(count);
            return {};
        }
        SB_TRY(add_differences(piece));
        count -= piece.size();
    }
    return {};
}

Result<void> HdiffPartsDecoder::finish() {
    if (finished_) return {};
    if (run_left_ != 0 || unrun_left_ != 0) return fail(Error::bad_patch);
    for (HdiffPartStream* part : {&cover_numbers_, &runs_, &values_, &fresh_}) SB_TRY(part->finish());
    finished_ = true;
    return {};
}

}  // namespace sb
