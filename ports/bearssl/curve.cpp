#include "ports/bearssl/curve.hpp"

namespace sb::p256 {

namespace {

// FIPS 186-4, D.1.2.3: p, n, b, G.
constexpr Scalar prime = {0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    1,    0,    0,    0,    0,    0,    0,    0,   0, 0,
                          0,    0,    0,    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr Scalar order = {0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    0,    0xFF, 0xFF, 0xFF,
                          0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
                          0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};
constexpr Scalar b = {0x5A, 0xC6, 0x35, 0xD8, 0xAA, 0x3A, 0x93, 0xE7, 0xB3, 0xEB, 0xBD, 0x55, 0x76, 0x98, 0x86, 0xBC,
                      0x65, 0x1D, 0x06, 0xB0, 0xCC, 0x53, 0xB0, 0xF6, 0x3B, 0xCE, 0x3C, 0x3E, 0x27, 0xD2, 0x60, 0x4B};
constexpr Scalar generator_x = {0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6,
                                0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB,
                                0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96};
constexpr Scalar generator_y = {0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB,
                                0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31,
                                0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5};
constexpr Modulus field(prime);
constexpr Modulus scalars(order);
constexpr std::size_t number_bytes = 32;

struct Affine {
    Number x;
    Number y;
};

/// x / z², y / z³.
struct Jacobian {
    Number x;
    Number y;
    Number z;
    bool infinite = true;
};

constexpr Affine generator = {field.montgomery(generator_x), field.montgomery(generator_y)};

/// What a point is multiplied with, in digits of 1, 0 and -1 of which no two neighbours are other than 0 (the
/// non-adjacent form): a third of them are, where it would be half of the bits. Digit i is bit i + 1 of 3k less bit
/// i + 1 of k (Hankerson, Menezes, Vanstone, "Guide to Elliptic Curve Cryptography", 3.3.1; G. W. Reitwiesner, "Binary
/// Arithmetic", 1960), so that it can be read from its upper end without being written down.
class Factor {
public:
    static constexpr unsigned digits = 257;
    explicit Factor(const Number& k) : once_(k), thrice_(thrice(k)) {}
    [[nodiscard]] int digit(unsigned i) const {
        return static_cast<int>(thrice_.bit(i + 1)) - static_cast<int>(once_.bit(i + 1));
    }

private:
    Number once_;
    Number thrice_;
};

/// False: not a point of the curve.
bool read(Affine& to, Bytes point) {
    Number left;
    Number right;
    Number constant;
    if (!field.read(to.x, point.first(number_bytes)) || !field.read(to.y, point.subspan(number_bytes))) return false;
    static_cast<void>(field.read(constant, b));
    field.to_montgomery(to.x);
    field.to_montgomery(to.y);
    field.to_montgomery(constant);
    // y² = x³ - 3x + b
    field.multiply(left, to.y, to.y);
    field.multiply(right, to.x, to.x);
    field.multiply(right, right, to.x);
    field.add(right, right, constant);
    for (int i = 0; i < 3; ++i) field.subtract(right, right, to.x);
    field.subtract(right, right, left);
    return is_zero(right);
}

/// M = 3(x - z²)(x + z²), S = 4xy²: x' = M² - 2S, y' = M(S - x') - 8y⁴, z' = 2yz (Hankerson, Menezes, Vanstone, "Guide
/// to Elliptic Curve Cryptography", 3.2.2, a = -3).
void twice(Jacobian& p) {
    if (p.infinite) return;
    Number m;
    Number s;
    Number t;
    field.multiply(t, p.z, p.z);
    field.subtract(s, p.x, t);
    field.add(t, p.x, t);
    field.multiply(t, t, s);
    field.add(m, t, t);
    field.add(m, m, t);
    field.multiply(p.z, p.y, p.z);
    field.add(p.z, p.z, p.z);
    field.add(p.y, p.y, p.y);
    field.multiply(p.y, p.y, p.y);  // 4y²
    field.multiply(s, p.y, p.x);
    field.multiply(p.y, p.y, p.y);  // 16y⁴, of which half is wanted
    field.multiply(p.x, m, m);
    field.subtract(p.x, p.x, s);
    field.subtract(p.x, p.x, s);
    field.subtract(s, s, p.x);
    field.multiply(s, s, m);
    field.halve(p.y);
    field.subtract(p.y, s, p.y);
}

/// The same, 3.2.2: mixed addition of `more`, of nothing, or of -`more`, as `digit` is 1, 0 or -1. All cases: the sum
/// may be infinity, both may be equal or cancel each other.
void add(Jacobian& to, const Affine& more, int digit) {
    if (digit == 0) return;
    if (to.infinite) {
        to = {more.x, more.y, field.one(), false};
        if (digit < 0) field.negate(to.y);
        return;
    }
    Number h;
    Number r;
    Number t;
    field.multiply(t, to.z, to.z);
    field.multiply(h, more.x, t);
    field.multiply(t, t, to.z);
    field.multiply(r, more.y, t);
    if (digit < 0) field.negate(r);
    field.subtract(h, h, to.x);
    field.subtract(r, r, to.y);
    if (is_zero(h)) {
        if (is_zero(r)) return twice(to);
        to.infinite = true;
        return;
    }
    Number v;
    field.multiply(to.z, to.z, h);
    field.multiply(t, h, h);
    field.multiply(v, to.x, t);
    field.multiply(t, t, h);  // h³
    field.multiply(to.x, r, r);
    field.subtract(to.x, to.x, t);
    field.subtract(to.x, to.x, v);
    field.subtract(to.x, to.x, v);
    field.multiply(t, t, to.y);
    field.subtract(v, v, to.x);
    field.multiply(v, v, r);
    field.subtract(to.y, v, t);
}

/// u·G + v·Q.
Jacobian sum_of(const Number& u, const Number& v, const Affine& q) {
    const Factor of_generator(u);
    const Factor of_key(v);
    Jacobian sum{};
    for (unsigned i = Factor::digits; i-- > 0;) {
        twice(sum);
        add(sum, generator, of_generator.digit(i));
        add(sum, q, of_key.digit(i));
    }
    return sum;
}

/// Whether the affine x of `point` is `r` modulo n, which is `r` or, as p is larger than n, r + n.
bool has_x(const Jacobian& point, Bytes r) {
    if (point.infinite) return false;
    constexpr Number n = field.montgomery(order);
    Number wanted;
    Number left;
    static_cast<void>(field.read(wanted, r));
    const bool second = field.fits_with(wanted, scalars.itself());
    field.multiply(left, point.z, point.z);
    field.to_montgomery(wanted);
    for (int turn = 0; turn < (second ? 2 : 1); ++turn) {
        Number difference;
        field.multiply(difference, left, wanted);
        field.subtract(difference, difference, point.x);
        if (is_zero(difference)) return true;
        field.add(wanted, wanted, n);
    }
    return false;
}

/// What G and the key are multiplied with: digest / s and r / s modulo n. False: r or s is out of range.
[[gnu::noinline]] bool read_factors(Number& u, Number& v, Bytes digest, Bytes signature) {
    Number s;
    if (!scalars.read(v, signature.first(number_bytes)) || is_zero(v)) return false;
    if (!scalars.read(s, signature.subspan(number_bytes)) || is_zero(s)) return false;
    scalars.read_reduced(u, digest);
    scalars.to_montgomery(s);
    scalars.invert(s);
    // One factor in Montgomery's form and one that is not: the product is not.
    scalars.multiply(u, u, s);
    scalars.multiply(v, v, s);
    return true;
}

}  // namespace

bool verify(Bytes key, Bytes digest, Bytes signature) {
    Number u;
    Number v;
    Affine q;
    return read_factors(u, v, digest, signature) && read(q, key) &&
           has_x(sum_of(u, v, q), signature.first(number_bytes));
}

}  // namespace sb::p256
