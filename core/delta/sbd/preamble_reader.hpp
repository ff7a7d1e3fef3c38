// core/delta/sbd: the numbers of a preamble.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::sbd {

/// Reads the preamble's numbers. Behind the end all is 0 and not ok.
class PreambleReader {
public:
    explicit PreambleReader(Bytes in) : at_(in.data()), end_(in.data() + in.size()) {}

    [[gnu::noinline]] std::uint32_t byte() {
        if (at_ != end_) return *at_++;
        ok_ = false;
        return 0;
    }
    /// Base 128, the highest digits first; bit 7: there is more. Modulo 2^32.
    [[gnu::noinline]] std::uint32_t varint() {
        std::uint32_t value = 0, next = 0;
        do {
            next = byte();
            value = value << 7 | (next & 0x7fU);
        } while ((next & 0x80U) != 0);
        return value;
    }
    /// 0, -1, 1, -2 … as 0, 1, 2, 3 …; modulo 2^32.
    [[gnu::noinline]] std::uint32_t difference() {
        const std::uint32_t value = varint();
        return value >> 1 ^ (0U - (value & 1U));
    }
    /// A number that often ends in many zero bits: how many, then the rest.
    [[gnu::noinline]] std::uint32_t round() {
        const std::uint32_t zeros = byte();
        return varint() << zeros % 32;
    }
    /// Requires: so many are left.
    void skip(std::size_t bytes) { at_ += bytes; }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] Bytes rest() const { return {at_, end_}; }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool ok_ = true;
};

}  // namespace sb::sbd
