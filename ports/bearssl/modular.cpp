#include "ports/bearssl/modular.hpp"

extern "C" {
std::uint32_t br_i15_iszero(const std::uint16_t* x);
std::uint32_t br_i15_add(std::uint16_t* a, const std::uint16_t* b, std::uint32_t really);
std::uint32_t br_i15_sub(std::uint16_t* a, const std::uint16_t* b, std::uint32_t really);
void br_i15_montymul(std::uint16_t* d, const std::uint16_t* x, const std::uint16_t* y, const std::uint16_t* m,
                     std::uint16_t m0i);
void br_i15_decode(std::uint16_t* x, const void* src, std::size_t len);
}

namespace sb::p256 {

bool Modulus::read(Number& to, Bytes big_endian) const {
    br_i15_decode(to.data(), big_endian.data(), big_endian.size());
    to[0] = modulus_[0];
    return br_i15_sub(to.data(), modulus_.data(), 0) == 1;
}

void Modulus::read_reduced(Number& to, Bytes big_endian) const {
    if (!read(to, big_endian)) br_i15_sub(to.data(), modulus_.data(), 1);
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
    Number exponent = modulus_;
    exponent[1] = static_cast<std::uint16_t>(exponent[1] - 2);
    Number power = r_;
    for (unsigned i = bits; i-- > 0;) {
        multiply(power, power, power);
        if (exponent.bit(i) != 0) multiply(power, power, x);
    }
    x = power;
}

bool is_zero(const Number& x) {
    return br_i15_iszero(x.data()) != 0;
}

Number thrice(const Number& x) {
    Number sum = x;
    br_i15_add(sum.data(), x.data(), 1);
    br_i15_add(sum.data(), x.data(), 1);
    return sum;
}

}  // namespace sb::p256
