// core/delta/sbd: what a context has seen so far, in one byte: the state of a machine whose states stand for a
// probability and for how much it was seen. Young states move far, old ones little; both by a table.
#pragma once

#include <array>
#include <cstdint>

namespace sb::sbd {

class History {
public:
    /// Zero: nothing was seen, even odds.
    History() = default;
    /// Nothing was seen, but a 1 is likely (24 : 1).
    [[nodiscard]] static constexpr History likely() { return History(likely_state); }

    // `flip` is 0, or 0xff for the other side: as if each bit had been its opposite.
    /// The logit of a 1, in 1/14.
    [[nodiscard]] std::int32_t logit(std::uint32_t flip) const {
        const std::uint32_t state = state_ ^ flip;
        return state < 128 ? logits[state] : -logits[255 - state];
    }
    /// A 1 was seen.
    void see_one(std::uint32_t flip) { state_ = static_cast<std::uint8_t>(after_one[state_ ^ flip] ^ flip); }

    static constexpr std::uint32_t young_ages = 10;
    static constexpr std::uint8_t likely_state = 30;

private:
    constexpr explicit History(std::uint8_t state) : state_(state) {}

    static const std::array<std::uint8_t, 128> logits;
    static const std::array<std::uint8_t, 256> after_one;

    std::uint8_t state_;
};

}  // namespace sb::sbd
