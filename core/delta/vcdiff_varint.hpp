// core/delta: the integers of VCDIFF: base 128, the most significant digit first, bit 7 set in all bytes but the last
// (RFC 3284, section 2). Read as they come, one byte at a time.
#pragma once

#include "core/base/result.hpp"

namespace sb {

class Base128 {
public:
    /// Takes the next byte. True: the number is whole, whole_value() is it, and the next byte begins another one.
    /// Errors: too_large from 4 GiB.
    [[nodiscard]] Result<bool> take(std::uint8_t byte) {
        if (whole_) value_ = 0;
        if (value_ >> 25 != 0) return fail(Error::too_large);
        value_ = value_ << 7 | (byte & 0x7fU);
        whole_ = byte < 0x80;
        return whole_;
    }
    [[nodiscard]] std::uint32_t whole_value() const { return value_; }

private:
    std::uint32_t value_ = 0;
    bool whole_ = true;
};

}  // namespace sb
