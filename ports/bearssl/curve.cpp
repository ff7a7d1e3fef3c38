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
constexpr std::array<std::uint8_t, 64> generator = {
    0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2,
    0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96,
    0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16,
    0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5};
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

class Curve {
public:
    /// False: not a point of the curve.
    [[nodiscard]] bool read(Affine& to, Bytes point) const;
    /// G, Q, G + Q.
    using Table = std::array<Affine, 3>;
    /// u·G + v·Q; `table` holds Q.
    [[nodiscard]] Jacobian sum_of(const Scalar& u, const Scalar& v, Table& table) const;
    /// Whether the affine x of `point` is `r` modulo n, which is `r` or, as p is larger than n, r + n.
    [[nodiscard]] bool has_x(const Jacobian& point, Bytes r) const;

private:
    void twice(Jacobian& p) const;
    void add(Jacobian& to, const Affine& more) const;
    void make_affine(Affine& to, const Jacobian& from) const;

    Modulus f_{prime};
};

bool Curve::read(Affine& to, Bytes point) const {
    Number left;
    Number right;
    Number constant;
    if (!f_.read(to.x, point.first(number_bytes)) || !f_.read(to.y, point.subspan(number_bytes))) return false;
    static_cast<void>(f_.read(constant, b));
    f_.to_montgomery(to.x);
    f_.to_montgomery(to.y);
    f_.to_montgomery(constant);
    // y² = x³ - 3x + b
    f_.multiply(left, to.y, to.y);
    f_.multiply(right, to.x, to.x);
    f_.multiply(right, right, to.x);
    f_.add(right, right, constant);
    for (int i = 0; i < 3; ++i) f_.subtract(right, right, to.x);
    f_.subtract(right, right, left);
    return is_zero(right);
}

/// M = 3(x - z²)(x + z²), S = 4xy²: x' = M² - 2S, y' = M(S - x') - 8y⁴, z' = 2yz (Hankerson, Menezes, Vanstone, "Guide
/// to Elliptic Curve Cryptography", 3.2.2, a = -3).
void Curve::twice(Jacobian& p) const {
    if (p.infinite) return;
    Number m;
    Number s;
    Number t;
    f_.multiply(t, p.z, p.z);
    f_.subtract(s, p.x, t);
    f_.add(t, p.x, t);
    f_.multiply(t, t, s);
    f_.add(m, t, t);
    f_.add(m, m, t);
    f_.multiply(p.z, p.y, p.z);
    f_.add(p.z, p.z, p.z);
    f_.add(p.y, p.y, p.y);
    f_.multiply(p.y, p.y, p.y);  // 4y²
    f_.multiply(s, p.y, p.x);
    f_.multiply(p.y, p.y, p.y);  // 16y⁴, of which half is wanted
    f_.multiply(p.x, m, m);
    f_.subtract(p.x, p.x, s);
    f_.subtract(p.x, p.x, s);
    f_.subtract(s, s, p.x);
    f_.multiply(s, s, m);
    f_.halve(p.y);
    f_.subtract(p.y, s, p.y);
}

/// The same, 3.2.2: mixed addition. All cases: either may be infinity, they may be equal or cancel each other.
void Curve::add(Jacobian& to, const Affine& more) const {
    if (to.infinite) {
        to = {more.x, more.y, f_.one(), false};
        return;
    }
    Number h;
    Number r;
    Number t;
    f_.multiply(t, to.z, to.z);
    f_.multiply(h, more.x, t);
    f_.multiply(t, t, to.z);
    f_.multiply(r, more.y, t);
    f_.subtract(h, h, to.x);
    f_.subtract(r, r, to.y);
    if (is_zero(h)) {
        if (is_zero(r)) return twice(to);
        to.infinite = true;
        return;
    }
    Number v;
    f_.multiply(to.z, to.z, h);
    f_.multiply(t, h, h);
    f_.multiply(v, to.x, t);
    f_.multiply(t, t, h);  // h³
    f_.multiply(to.x, r, r);
    f_.subtract(to.x, to.x, t);
    f_.subtract(to.x, to.x, v);
    f_.subtract(to.x, to.x, v);
    f_.multiply(t, t, to.y);
    f_.subtract(v, v, to.x);
    f_.multiply(v, v, r);
    f_.subtract(to.y, v, t);
}

void Curve::make_affine(Affine& to, const Jacobian& from) const {
    Number z = from.z;
    f_.invert(z);
    Number square;
    f_.multiply(square, z, z);
    f_.multiply(to.x, from.x, square);
    f_.multiply(square, square, z);
    f_.multiply(to.y, from.y, square);
}

Jacobian Curve::sum_of(const Scalar& u, const Scalar& v, Table& table) const {
    static_cast<void>(read(table[0], generator));
    Jacobian sum{};
    add(sum, table[0]);
    add(sum, table[1]);
    const bool cancel = sum.infinite;
    if (!cancel) make_affine(table[2], sum);
    sum.infinite = true;
    for (unsigned bit = 0; bit < 256; ++bit) {
        twice(sum);
        const unsigned shift = 7 - bit % 8;
        const unsigned which = (u[bit / 8] >> shift & 1U) | (v[bit / 8] >> shift & 1U) << 1U;
        if (which != 0 && (which != 3 || !cancel)) add(sum, table[which - 1]);
    }
    return sum;
}

bool Curve::has_x(const Jacobian& point, Bytes r) const {
    if (point.infinite) return false;
    Number wanted;
    Number left;
    Number n;
    static_cast<void>(f_.read(wanted, r));
    static_cast<void>(f_.read(n, order));
    const bool second = f_.fits_with(wanted, n);
    f_.multiply(left, point.z, point.z);
    f_.to_montgomery(wanted);
    f_.to_montgomery(n);
    for (int turn = 0; turn < (second ? 2 : 1); ++turn) {
        Number difference;
        f_.multiply(difference, left, wanted);
        f_.subtract(difference, difference, point.x);
        if (is_zero(difference)) return true;
        f_.add(wanted, wanted, n);
    }
    return false;
}

/// What G and the key are multiplied with: digest / s and r / s modulo n. False: r or s is out of range.
[[gnu::noinline]] bool read_factors(Scalar& u, Scalar& v, Bytes digest, Bytes signature) {
    const Modulus n(order);
    Number r;
    Number s;
    if (!n.read(r, signature.first(number_bytes)) || is_zero(r)) return false;
    if (!n.read(s, signature.subspan(number_bytes)) || is_zero(s)) return false;
    Number e;
    n.read_reduced(e, digest);
    n.to_montgomery(s);
    n.invert(s);
    // One factor in Montgomery's form and one that is not: the product is not.
    n.multiply(e, e, s);
    n.multiply(s, r, s);
    u = Modulus::bytes_of(e);
    v = Modulus::bytes_of(s);
    return true;
}

}  // namespace

bool verify(Bytes key, Bytes digest, Bytes signature) {
    Scalar u;
    Scalar v;
    if (!read_factors(u, v, digest, signature)) return false;
    const Curve curve;
    Curve::Table table;
    return curve.read(table[1], key) && curve.has_x(curve.sum_of(u, v, table), signature.first(number_bytes));
}

}  // namespace sb::p256
