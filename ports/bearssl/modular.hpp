// ports/bearssl: numbers modulo a prime of 256 bits, on BearSSL's integers of 15 bits a word (br_i15_*, src/inner.h of
// its source). Products are Montgomery's: a field element x is kept as x * 2^270 mod p. Nothing here is secret, so
// nothing takes care to need the same time for each value.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::p256 {

/// The length in bits as BearSSL writes it, then 18 words of 15 bits, the least first.
struct alignas(4) Number : std::array<std::uint16_t, 19> {};
using Scalar = std::array<std::uint8_t, 32>;  ///< big-endian

class Modulus {
public:
    /// Of an odd prime with 256 bits, which outlives this.
    explicit Modulus(const Scalar& prime);

    /// Reads a number below the modulus; false: it is not.
    [[nodiscard]] bool read(Number& to, Bytes big_endian) const;
    /// Reads any number of 256 bits, modulo the modulus.
    void read_reduced(Number& to, Bytes big_endian) const;
    [[nodiscard]] static Scalar bytes_of(const Number& x);
    /// Whether a + b is below the modulus.
    [[nodiscard]] bool fits_with(const Number& a, const Number& b) const;
    void to_montgomery(Number& x) const { multiply(x, x, square_of_r_); }
    [[nodiscard]] const Number& one() const { return r_; }  ///< in Montgomery's form

    /// All results may be written to an operand.
    void multiply(Number& to, const Number& a, const Number& b) const;
    void add(Number& to, const Number& a, const Number& b) const;
    void subtract(Number& to, const Number& a, const Number& b) const;
    void halve(Number& x) const;
    /// 1 / x by Fermat's little theorem, in Montgomery's form as x. Requires: x is not zero.
    void invert(Number& x) const;

private:
    const Scalar* prime_;
    Number modulus_;
    std::uint16_t inverse_;  // -1 / modulus modulo 2^15
    Number r_;               // 2^270
    Number square_of_r_;
};

[[nodiscard]] bool is_zero(const Number& x);

}  // namespace sb::p256
