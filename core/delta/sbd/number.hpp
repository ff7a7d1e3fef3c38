// core/delta/sbd: numbers in an adaptive Elias gamma code: the count of bits as a tree of decisions, the two bits below
// the top one in the context of that count, the two lowest in their own, the rest as they are.
#pragma once

#include "core/delta/sbd/cell.hpp"

namespace sb::sbd {

// What a coder is: wanted.hpp.

/// Codes one bit by one cell, which adapts.
template <class Coder>
bool code_direct(Coder& coder, Cell& cell) {
    const bool bit = coder.bit(cell.probability());
    cell.adapt(bit);
    return bit;
}

/// Codes `bits` bits, most significant first, each in the context of those before it: cells[1 ..] of a binary tree.
template <class Coder>
std::uint32_t code_tree(Coder& coder, Cell* cells, std::uint32_t bits) {
    std::uint32_t node = 1;
    for (std::uint32_t k = bits; k-- != 0;) node = node * 2 + (code_direct(coder, cells[node]) ? 1U : 0U);
    return node - (1U << bits);
}

class NumberModel {
public:
    /// Any value below 2^31 - 1.
    template <class Coder>
    std::uint32_t code(Coder& coder, std::uint32_t wanted) {
        want(coder, wanted);
        return code_told(coder);
    }

    /// Any value of which the magnitude is below 2^31 - 1.
    template <class Coder>
    std::int32_t code_signed(Coder& coder, std::int32_t wanted) {
        want(coder, static_cast<std::uint32_t>(wanted < 0 ? -static_cast<std::int64_t>(wanted) : wanted));
        if (wanted != 0) coder.want(wanted < 0 ? 1U : 0U);
        return code_signed_told(coder);
    }

private:
    template <class Coder>
    void want(Coder& coder, std::uint32_t number) {
        const std::uint32_t bits = bit_count(number + 1) - 1;
        coder.want(bits, 5);
        coder.want(number + 1, bits);
    }

    template <class Coder>
    [[gnu::noinline]] std::int32_t code_signed_told(Coder& coder) {
        const std::uint32_t magnitude = code_told(coder) & 0x7fffffffU;
        if (magnitude == 0) return 0;
        const bool negative = code_direct(coder, sign_);
        return negative ? -static_cast<std::int32_t>(magnitude) : static_cast<std::int32_t>(magnitude);
    }

    template <class Coder>
    std::uint32_t code_told(Coder& coder) {
        const std::uint32_t bits = code_tree(coder, count_.data(), 5);
        std::uint32_t value = 1, node = 1;
        Cell* const top = top_.data() + (bits > 15 ? 15 : bits) * 4;
        for (std::uint32_t k = bits; k-- != 0;) {
            bool bit = false;
            if (bits - 1 - k < 2) {
                bit = code_direct(coder, top[node]);
                node = node * 2 + (bit ? 1 : 0);
            } else if (k < 2) {
                bit = code_direct(coder, low_[k]);
            } else {
                bit = coder.bit(32768);
            }
            value = value * 2 + (bit ? 1 : 0);
        }
        return value - 1;
    }

    std::array<Cell, 32> count_;
    std::array<Cell, 64> top_;
    std::array<Cell, 2> low_;
    Cell sign_;
};

}  // namespace sb::sbd
