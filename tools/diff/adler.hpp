// tools/diff: the Adler-32 of VCDIFF's windows (RFC 1950, section 8.2), for hosts: sixteen bytes at a time, and as the
// window is made. Devices have the short loop of core/delta.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::diff {

class Adler {
public:
    /// `first`: what the sum of no bytes is; 1 by RFC 1950.
    explicit Adler(std::uint32_t first) : a_(first) {}
    void take(Bytes bytes);
    [[nodiscard]] std::uint32_t value() const { return b_ << 16 | a_; }

private:
    std::uint32_t a_;
    std::uint32_t b_ = 0;
};

}  // namespace sb::diff
