// ports/bearssl: signatures by construction, for tests and the fuzzer. Who chooses the private key d and the factors u
// and v of u·G + v·Q gets the key, the digest and the signature with which ECDSA comes to these factors; so each case
// that point addition treats apart can be brought about at each digit. By OpenSSL's numbers and points.
#pragma once

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>
#include <vector>

#include "core/crypto/crypto.hpp"

namespace sb::p256::testing {

struct Free {
    void operator()(BIGNUM* p) const { BN_free(p); }
    void operator()(BN_CTX* p) const { BN_CTX_free(p); }
    void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
    void operator()(EC_POINT* p) const { EC_POINT_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// A whole number; modulo the order once a Group computed it.
class Big {
public:
    Big(long value = 0) : value_(BN_new()) {  // NOLINT(google-explicit-constructor): written as numbers are
        BN_set_word(get(), static_cast<BN_ULONG>(value < 0 ? -value : value));
        BN_set_negative(get(), value < 0 ? 1 : 0);
    }
    explicit Big(Bytes big_endian)
        : value_(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr)) {}
    explicit Big(const BIGNUM* of) : value_(BN_dup(of)) {}
    Big(const Big& other) : Big(other.get()) {}
    Big(Big&&) = default;
    Big& operator=(Big other) {
        value_ = std::move(other.value_);
        return *this;
    }
    ~Big() = default;
    [[nodiscard]] BIGNUM* get() const { return value_.get(); }
    [[nodiscard]] bool is_zero() const { return BN_is_zero(get()) != 0; }
    /// Requires: 0 <= this < 2^256.
    [[nodiscard]] Digest bytes() const {
        Digest to{};
        BN_bn2binpad(get(), to.data(), static_cast<int>(to.size()));
        return to;
    }

private:
    Owned<BIGNUM> value_;
};

struct Question {
    PublicKey key{};
    Digest digest{};
    Signature signature{};
};

class Group {
public:
    [[nodiscard]] Big order() const { return Big(EC_GROUP_get0_order(group_.get())); }
    [[nodiscard]] Big prime() const { return Big(EC_GROUP_get0_field(group_.get())); }

    /// Modulo the order.
    [[nodiscard]] Big plus(const Big& a, const Big& b) const {
        Big to;
        BN_mod_add(to.get(), a.get(), b.get(), order().get(), context_.get());
        return to;
    }
    [[nodiscard]] Big minus(const Big& a) const {
        Big to;
        BN_mod_sub(to.get(), Big().get(), a.get(), order().get(), context_.get());
        return to;
    }
    [[nodiscard]] Big times(const Big& a, const Big& b) const {
        Big to;
        BN_mod_mul(to.get(), a.get(), b.get(), order().get(), context_.get());
        return to;
    }
    /// a / b; 0 where b is 0.
    [[nodiscard]] Big over(const Big& a, const Big& b) const {
        Big inverse;
        const Big rest = plus(b, 0);
        if (rest.is_zero() || BN_mod_inverse(inverse.get(), rest.get(), order().get(), context_.get()) == nullptr)
            return 0;
        return times(a, inverse);
    }

    /// k·G; zeros where that is infinity.
    [[nodiscard]] PublicKey point(const Big& k) const {
        const Owned<EC_POINT> point(EC_POINT_new(group_.get()));
        const Big rest = plus(k, 0);
        PublicKey to{};
        std::array<std::uint8_t, 65> encoded{};
        EC_POINT_mul(group_.get(), point.get(), rest.get(), nullptr, nullptr, context_.get());
        if (EC_POINT_point2oct(group_.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(),
                               context_.get()) == encoded.size())
            copy(to, Bytes(encoded).subspan(1));
        return to;
    }

    /// What has the factors u and v with the key d·G: a good signature, or, where u + v·d is 0, one whose sum is
    /// infinity. Requires: neither d nor v is 0 modulo the order.
    [[nodiscard]] Question question(const Big& d, const Big& u, const Big& v) const {
        Question to{.key = point(d)};
        const Big sum = plus(u, times(v, d));
        const Big r = sum.is_zero() ? Big(7) : plus(Big(Bytes(point(sum)).first(32)), 0);
        const Big s = over(r, v);
        to.digest = times(u, s).bytes();
        copy(to.signature, r.bytes());
        copy(MutableBytes(to.signature).subspan(32), s.bytes());
        return to;
    }

private:
    Owned<EC_GROUP> group_{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    Owned<BN_CTX> context_{BN_CTX_new()};
};

/// The non-adjacent form of k as the books build it, from its lower end; `digits` of them.
inline std::vector<int> non_adjacent(const Big& k, std::size_t digits) {
    std::vector<int> form(digits, 0);
    Big rest = k;  // NOLINT(performance-unnecessary-copy-initialization): changed through get()
    for (int& digit : form) {
        if (BN_is_odd(rest.get()) != 0) {
            digit = BN_mod_word(rest.get(), 4) == 1 ? 1 : -1;
            BN_sub(rest.get(), rest.get(), Big(digit).get());
        }
        BN_rshift1(rest.get(), rest.get());
    }
    return form;
}

/// The number that the digits from `lowest` on are, read as if that one were the last.
inline Big upper_part(const std::vector<int>& form, std::size_t lowest) {
    Big part;
    for (std::size_t i = form.size(); i-- > lowest;) {
        BN_lshift1(part.get(), part.get());
        BN_add(part.get(), part.get(), Big(form[i]).get());
    }
    return part;
}

}  // namespace sb::p256::testing
