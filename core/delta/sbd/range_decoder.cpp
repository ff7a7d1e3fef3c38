#include "core/delta/sbd/range_decoder.hpp"

namespace sb::sbd {

std::size_t RangeDecoder::feed(Bytes in) {
    if (left_ == 0) return 0;
    held_ = static_cast<std::uint8_t>(held_ - at_);
    std::memmove(buffer_.data(), buffer_.data() + at_, held_);
    at_ = 0;
    std::size_t count = buffer_.size() - held_;
    if (count > in.size()) count = in.size();
    if (count > left_) count = left_;
    copy(MutableBytes(buffer_).subspan(held_), in.first(count));
    held_ = static_cast<std::uint8_t>(held_ + count);
    left_ -= static_cast<std::uint32_t>(count);
    return count;
}

bool RangeDecoder::used_up() const {
    return left_ == 0 && at_ == held_ && (held_ == 0 || buffer_[held_ - std::size_t{1}] != 0);
}

void RangeDecoder::start() {
    range_ = 0xffffffff;
    code_ = 0;
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
}

bool RangeDecoder::bit(std::uint32_t p) {
    std::uint32_t range = range_, code = code_;
    const std::uint32_t bound = (range >> 16) * (65536 - p);
    const bool one = code >= bound;
    if (one) {
        code -= bound;
        range -= bound;
    } else {
        range = bound;
    }
    while (range < 1U << 24) {
        range <<= 8;
        code = code << 8 | next();
    }
    range_ = range;
    code_ = code;
    return one;
}

}  // namespace sb::sbd
