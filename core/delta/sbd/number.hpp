// core/delta/sbd: numbers in an adaptive Elias gamma code: the count of bits as a tree of decisions, the two bits below
// the top one in the context of that count, the two lowest in their own, the rest as they are.
#pragma once

#include "core/delta/sbd/cell.hpp"

namespace sb::sbd {

/// Codes one bit by one cell, which adapts.
template <class Coder>
bool code_direct(Coder& coder, Cell& cell, bool wanted) {
    const bool bit = coder.bit(cell.probability(), wanted);
    cell.adapt(bit);
    return bit;
}

/// Codes `bits` bits, most significant first, each in the context of those before it: cells[1 ..] of a binary tree.
template <class Coder>
std::uint32_t code_tree(Coder& coder, Cell* cells, std::uint32_t bits, std::uint32_t wanted) {
    std::uint32_t node = 1;
    for (std::uint32_t k = bits; k-- != 0;)
        node = node * 2 + (code_direct(coder, cells[node], (wanted >> k & 1U) != 0) ? 1U : 0U);
    return node - (1U << bits);
}

class NumberModel {
public:
    /// Any value below 2^31 - 1.
    template <class Coder>
    std::uint32_t code(Coder& coder, std::uint32_t wanted) {
        const std::uint32_t plus_one = wanted + 1;
        const std::uint32_t wanted_bits = bit_count(plus_one) - 1;
        const std::uint32_t bits = code_tree(coder, count_.data(), 5, wanted_bits);
        std::uint32_t value = 1, node = 1;
        Cell* const top = top_.data() + (bits > 15 ? 15 : bits) * 4;
        for (std::uint32_t k = bits; k-- != 0;) {
            const bool want = (plus_one >> k & 1U) != 0;
            bool bit = false;
            if (bits - 1 - k < 2) {
                bit = code_direct(coder, top[node], want);
                node = node * 2 + (bit ? 1 : 0);
            } else if (k < 2) {
                bit = code_direct(coder, low_[k], want);
            } else {
                bit = coder.bit(32768, want);
            }
            value = value * 2 + (bit ? 1 : 0);
        }
        return value - 1;
    }

    /// Any value of which the magnitude is below 2^31 - 1.
    template <class Coder>
    std::int32_t code_signed(Coder& coder, std::int32_t wanted) {
        const auto size = static_cast<std::uint32_t>(wanted < 0 ? -static_cast<std::int64_t>(wanted) : wanted);
        const std::uint32_t magnitude = code(coder, size) & 0x7fffffffU;
        if (magnitude == 0) return 0;
        const bool negative = code_direct(coder, sign_, wanted < 0);
        return negative ? -static_cast<std::int32_t>(magnitude) : static_cast<std::int32_t>(magnitude);
    }

private:
    std::array<Cell, 32> count_;
    std::array<Cell, 64> top_;
    std::array<Cell, 2> low_;
    Cell sign_;
};

}  // namespace sb::sbd
