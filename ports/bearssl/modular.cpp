#include "ports/bearssl/modular.hpp"

extern "C" {
std::uint32_t br_i15_iszero(const std::uint16_t* x);
std::uint16_t br_i15_ninv15(std::uint16_t x);
std::uint32_t br_i15_add(std::uint16_t* a, const std::uint16_t* b, std::uint32_t really);
std::uint32_t br_i15_sub(std::uint16_t* a, const std::uint16_t* b, std::uint32_t really);
void br_i15_montymul(std::uint16_t* d, const std::uint16_t* x, const std::uint16_t* y, const std::uint16_t* m,
                     std::uint16_t m0i);
void br_i15_encode(void* to, std::size_t len, const std::uint16_t* x);
void br_i15_decode(std::uint16_t* x, const void* src, std::size_t len);
}

namespace sb::p256 {

namespace {

constexpr int montgomery_bits = 270;  // 18 words of 15 bits

Number decoded(const Scalar& big_endian) {
    Number x;
    br_i15_decode(x.data(), big_endian.data(), big_endian.size());
    return x;
}

}  // namespace

Modulus::Modulus(const Scalar& prime) : prime_(&prime), modulus_(decoded(prime)), inverse_(br_i15_ninv15(modulus_[1])) {
    Number x{};
    x[0] = modulus_[0];
    x[1] = 1;
    for (int i = 0; i < montgomery_bits; ++i) add(x, x, x);
    r_ = x;
    for (int i = 0; i < montgomery_bits; ++i) add(x, x, x);
    square_of_r_ = x;
}

bool Modulus::read(Number& to, Bytes big_endian) const {
    br_i15_decode(to.data(), big_endian.data(), big_endian.size());
    to[0] = modulus_[0];
    return br_i15_sub(to.data(), modulus_.data(), 0) == 1;
}

void Modulus::read_reduced(Number& to, Bytes big_endian) const {
    if (!read(to, big_endian)) br_i15_sub(to.data(), modulus_.data(), 1);
}

Scalar Modulus::bytes_of(const Number& x) {
    Scalar bytes;
    br_i15_encode(bytes.data(), bytes.size(), x.data());
    return bytes;
}

bool Modulus::fits_with(const Number& a, const Number& b) const {
    Number sum = a;
    return br_i15_add(sum.data(), b.data(), 1) == 0 && br_i15_sub(sum.data(), modulus_.data(), 0) == 1;
}

void Modulus::multiply(Number& to, const Number& a, const Number& b) const {
    Number product;
    br_i15_montymul(product.data(), a.data(), b.data(), modulus_.data(), inverse_);
    to = product;
}

void Modulus::add(Number& to, const Number& a, const Number& b) const {
    Number sum = a;
    const std::uint32_t carry = br_i15_add(sum.data(), b.data(), 1);
    const std::uint32_t borrow = br_i15_sub(sum.data(), modulus_.data(), 1);
    if (borrow > carry) br_i15_add(sum.data(), modulus_.data(), 1);
    to = sum;
}

void Modulus::subtract(Number& to, const Number& a, const Number& b) const {
    Number difference = a;
    if (br_i15_sub(difference.data(), b.data(), 1) != 0) br_i15_add(difference.data(), modulus_.data(), 1);
    to = difference;
}

void Modulus::halve(Number& x) const {
    // An odd number becomes even by the odd modulus; both stay below 2^257, which the words hold.
    br_i15_add(x.data(), modulus_.data(), x[1] & 1U);
    std::uint32_t carry = 0;
    for (std::size_t i = x.size() - 1; i > 0; --i) {
        const std::uint32_t word = x[i] | carry << 15U;
        x[i] = static_cast<std::uint16_t>(word >> 1U);
        carry = word & 1U;
    }
}

void Modulus::invert(Number& x) const {
    Number power = r_;
    for (std::size_t i = 0; i < prime_->size(); ++i) {
        // The exponent is the prime less 2; its last byte is larger than that.
        const unsigned byte = (*prime_)[i] - (i + 1 == prime_->size() ? 2U : 0U);
        for (int bit = 7; bit >= 0; --bit) {
            multiply(power, power, power);
            if ((byte >> bit & 1U) != 0) multiply(power, power, x);
        }
    }
    x = power;
}

bool is_zero(const Number& x) {
    return br_i15_iszero(x.data()) != 0;
}

}  // namespace sb::p256
