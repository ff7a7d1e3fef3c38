#include "core/delta/sbd/range_decoder.hpp"

namespace sb::sbd {

std::size_t RangeDecoder::feed(Bytes in) {
    held_ = static_cast<std::uint8_t>(held_ - at_);
    std::memmove(buffer_.data(), buffer_.data() + at_, held_);
    at_ = 0;
    std::size_t count = buffer_.size() - held_;
    if (count > in.size()) count = in.size();
    if (count > left_) count = left_;
    copy(MutableBytes(buffer_).subspan(held_), in.first(count));
    held_ = static_cast<std::uint8_t>(held_ + count);
    if (count != 0) last_ = in[count - 1];
    left_ -= static_cast<std::uint32_t>(count);
    return count;
}

void RangeDecoder::start() {
    range_ = 0xffffffff;
    code_ = 0;
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
}

bool RangeDecoder::bit(std::uint32_t p, bool) {
    if (range_ == 0) start();
    const std::uint32_t bound = (range_ >> 16) * (65536 - p);
    const bool one = code_ >= bound;
    if (one) {
        code_ -= bound;
        range_ -= bound;
    } else {
        range_ = bound;
    }
    while (range_ < 1U << 24) {
        range_ <<= 8;
        code_ = code_ << 8 | next();
    }
    return one;
}

}  // namespace sb::sbd
