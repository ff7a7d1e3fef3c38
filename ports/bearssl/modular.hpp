// ports/bearssl: numbers modulo a prime of 256 bits, on BearSSL's integers of 15 bits a word (br_i15_*, src/inner.h of
// its source). Products are Montgomery's: a field element x is kept as x * 2^270 mod p. What depends on the prime alone
// is computed by the compiler. Nothing here is secret, so nothing takes care to need the same time for each value.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::p256 {

inline constexpr unsigned bits_of_word = 15;
inline constexpr std::size_t words = 18;
using Scalar = std::array<std::uint8_t, 32>;  ///< big-endian

/// The length in bits as BearSSL writes it, then 18 words of 15 bits, the least first.
struct alignas(4) Number : std::array<std::uint16_t, 1 + words> {
    [[nodiscard]] constexpr unsigned bit(unsigned i) const {
        return (*this)[1 + i / bits_of_word] >> i % bits_of_word & 1U;
    }
};

class Modulus {
public:
    /// Of an odd prime with 256 bits, the last 15 of which are at least 2.
    consteval explicit Modulus(const Scalar& prime)
        : modulus_(number_of(prime)),
          inverse_(negated_inverse(modulus_[1])),
          r_(montgomery(unit)),
          square_of_r_(montgomery(r_)) {}

    /// A number below the modulus, in Montgomery's form.
    [[nodiscard]] consteval Number montgomery(const Scalar& x) const { return montgomery(number_of(x)); }

    /// Reads a number below the modulus; false: it is not.
    [[nodiscard]] bool read(Number& to, Bytes big_endian) const;
    /// Reads any number of 256 bits, modulo the modulus.
    void read_reduced(Number& to, Bytes big_endian) const;
    /// Whether a + b is below the modulus.
    [[nodiscard]] bool fits_with(const Number& a, const Number& b) const;
    void to_montgomery(Number& x) const { multiply(x, x, square_of_r_); }
    [[nodiscard]] const Number& one() const { return r_; }  ///< in Montgomery's form
    [[nodiscard]] const Number& itself() const { return modulus_; }

    /// All results may be written to an operand.
    void multiply(Number& to, const Number& a, const Number& b) const;
    void add(Number& to, const Number& a, const Number& b) const;
    void subtract(Number& to, const Number& a, const Number& b) const;
    void halve(Number& x) const;
    /// Requires: x is not zero.
    void negate(Number& x) const { subtract(x, modulus_, x); }
    /// 1 / x by Fermat's little theorem, in Montgomery's form as x. Requires: x is not zero.
    void invert(Number& x) const;

private:
    static constexpr unsigned bits = 256;
    static constexpr Number unit = {{bits / bits_of_word << 4U | bits % bits_of_word, 1}};

    static consteval Number number_of(const Scalar& big_endian);
    static consteval std::uint16_t negated_inverse(std::uint32_t odd);
    /// Doubles 270 times: slow, and the compiler's work.
    [[nodiscard]] consteval Number montgomery(Number x) const;

    Number modulus_;
    std::uint16_t inverse_;  // -1 / modulus modulo 2^15
    Number r_;               // 2^270
    Number square_of_r_;
};

[[nodiscard]] bool is_zero(const Number& x);
/// Three times a number of at most 268 bits, modulo nothing.
[[nodiscard]] Number thrice(const Number& x);

consteval Number Modulus::number_of(const Scalar& big_endian) {
    Number x{};
    x[0] = unit[0];
    for (unsigned i = 0; i < bits; ++i) {
        const unsigned bit = big_endian[big_endian.size() - 1 - i / 8] >> i % 8 & 1U;
        x[1 + i / bits_of_word] = static_cast<std::uint16_t>(x[1 + i / bits_of_word] | bit << i % bits_of_word);
    }
    return x;
}

/// By Newton's iteration: each turn doubles the bits that are right, of which an odd number begins with 3.
consteval std::uint16_t Modulus::negated_inverse(std::uint32_t odd) {
    std::uint32_t inverse = odd;
    for (int right = 3; right < 16; right *= 2) inverse *= 2 - odd * inverse;
    return static_cast<std::uint16_t>(-inverse & 0x7FFFU);
}

consteval Number Modulus::montgomery(Number x) const {
    for (unsigned turn = 0; turn < words * bits_of_word; ++turn) {
        Number less = x;  // 2x - modulus
        std::uint32_t carry = 0;
        std::uint32_t borrow = 0;
        for (std::size_t i = 1; i < x.size(); ++i) {
            const std::uint32_t twice = x[i] * 2U + carry;
            carry = twice >> bits_of_word;
            x[i] = static_cast<std::uint16_t>(twice & 0x7FFFU);
            const std::uint32_t rest = x[i] - modulus_[i] - borrow;
            borrow = rest >> 31U;
            less[i] = static_cast<std::uint16_t>(rest & 0x7FFFU);
        }
        if (borrow == 0) x = less;
    }
    return x;
}

}  // namespace sb::p256
