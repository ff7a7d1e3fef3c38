// core/delta: the integers of HDiffPatch: 7 bits a byte, high ones first, the top bit set on all bytes but the last.
// The first byte may carry a few other bits (a sign, a type) above the number's own. Byte by byte, so that a number
// may be cut anywhere. Numbers may be longer than needed: hdiffz pads sizes that it fills in later.
// Source of facts: patches that hdiffz 4.12 wrote, byte by byte (docs/format-delta.md).
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

class HdiffNumber {
public:
    /// Takes the next byte; whether the number is whole now. A byte after a whole number begins the next one.
    /// `tag_bits`: top bits of the first byte that are not the number's (0 to 2).
    /// Errors: too_large from 4 GiB, malformed when it does not end.
    [[nodiscard]] Result<bool> take(std::uint8_t byte, unsigned tag_bits = 0);

    [[nodiscard]] std::uint32_t whole_value() const { return value_; }
    [[nodiscard]] std::uint8_t tag() const { return tag_; }
    /// Whether no byte of a next number was taken.
    [[nodiscard]] bool fresh() const { return held_ == 0; }
    void reset() { held_ = 0; }

private:
    static constexpr std::uint8_t max_bytes = 10;  // 64 bits with a tag

    std::uint32_t value_ = 0;
    std::uint8_t tag_ = 0;
    std::uint8_t held_ = 0;  // bytes of the present number
};

/// Reads a number that stands in memory at `at`, and moves `at` behind it. Errors: truncated, those of take().
[[nodiscard]] Result<HdiffNumber> read_hdiff_number(Bytes from, std::uint32_t& at, unsigned tag_bits = 0);

}  // namespace sb
