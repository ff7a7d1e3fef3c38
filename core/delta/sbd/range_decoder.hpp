// core/delta/sbd: binary arithmetic decoding with carry propagation on the encoder's side (the range coder of LZMA:
// 32-bit range, top byte normalised). Bytes come from a small buffer that is refilled between bytes of the image;
// what lies behind the end of a segment reads as zero.
#pragma once

#include "core/base/bytes.hpp"
#include "core/delta/sbd/wanted.hpp"

namespace sb::sbd {

class RangeDecoder : public WantsNothing {
public:
    /// No byte of an image, its jump included, takes more than this out of the input (docs/sbd.md, "Bounds").
    static constexpr std::size_t most_bytes_a_step = 44;

    /// Starts a segment of `packed_bytes`.
    void begin(std::uint32_t packed_bytes) {
        left_ = packed_bytes;
        held_ = at_ = 0;
    }
    /// Reads the first bytes; before any bit. Requires: ready().
    void start();

    /// Takes what it has room for; never beyond the segment.
    [[nodiscard]] std::size_t feed(Bytes in);

    /// Whether a step may be decoded: all that it could want is here.
    [[nodiscard]] bool ready() const { return left_ == 0 || held_ - std::size_t{at_} >= most_bytes_a_step; }
    /// Whether every byte of the segment was taken in.
    [[nodiscard]] bool fed() const { return left_ == 0; }

    /// Whether every byte of the segment was used, and none is a zero that it should end without.
    [[nodiscard]] bool used_up() const;

    /// Reads a bit whose probability of being 1 is p/65536; 0 < p < 65536.
    [[nodiscard]] bool bit(std::uint32_t p);

private:
    [[nodiscard]] std::uint32_t next() { return at_ < held_ ? buffer_[at_++] : 0U; }

    std::uint32_t range_;
    std::uint32_t code_;
    std::uint32_t left_;  // bytes of the segment that did not come yet
    std::uint8_t held_;
    std::uint8_t at_;
    std::array<std::uint8_t, most_bytes_a_step + 20> buffer_;
};

}  // namespace sb::sbd
