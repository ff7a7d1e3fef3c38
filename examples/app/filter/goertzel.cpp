#include "filter/goertzel.hpp"

#include "base/math.hpp"

namespace app {

bool Goertzel::step(std::int32_t sample) {
    const std::int32_t s0 =
        sample + static_cast<std::int32_t>((static_cast<std::int64_t>(coefficient_) * s1_) >> 14) - s2_;
    s2_ = s1_;
    s1_ = s0;
    if (++count_ < block_) return false;

    // |X|² = s1² + s2² − 2cos·s1·s2; amplitude = 2·|X| / N.
    const std::int64_t cross = ((static_cast<std::int64_t>(coefficient_) * s1_) >> 14) * s2_;
    std::int64_t power = static_cast<std::int64_t>(s1_) * s1_ + static_cast<std::int64_t>(s2_) * s2_ - cross;
    int halvings = 0;
    while (power > 0xffffffff) {
        power >>= 2;
        ++halvings;
    }
    const std::uint32_t root = power > 0 ? square_root(static_cast<std::uint32_t>(power)) << halvings : 0;
    amplitude_ = 2 * root / block_;
    s1_ = s2_ = 0;
    count_ = 0;
    return true;
}

}  // namespace app
