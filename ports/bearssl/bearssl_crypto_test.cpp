#include "ports/bearssl/bearssl_crypto.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <memory>
#include <random>
#include <vector>

#include "ports/bearssl/testing.hpp"
#include "ports/bearssl/whole_ecdsa.hpp"
#include "ports/host/openssl_crypto.hpp"

namespace sb {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key new_key() {
    return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

PublicKey public_of(EVP_PKEY* key) {
    std::array<std::uint8_t, 65> point{};
    std::size_t bytes = 0;
    EXPECT_EQ(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &bytes), 1);
    PublicKey to;
    copy(to, Bytes(point).subspan(1));
    return to;
}

Signature sign(EVP_PKEY* key, const Digest& digest) {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(key, nullptr),
                                                                              &EVP_PKEY_CTX_free);
    std::array<std::uint8_t, 80> der{};
    std::size_t bytes = der.size();
    EXPECT_EQ(EVP_PKEY_sign_init(context.get()), 1);
    EXPECT_EQ(EVP_PKEY_sign(context.get(), der.data(), &bytes, digest.data(), digest.size()), 1);
    const std::uint8_t* at = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(bytes)), &ECDSA_SIG_free);
    Signature raw;
    EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), 32), 32);
    EXPECT_EQ(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + 32, 32), 32);
    return raw;
}

Digest from_hex(const char* text) {
    Digest digest{};
    for (std::size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<std::uint8_t>(std::stoul(std::string(text + 2 * i, 2), nullptr, 16));
    return digest;
}

template <std::size_t N>
void put(std::array<std::uint8_t, N>& to, std::size_t at, const Digest& number) {
    copy(MutableBytes(to).subspan(at, 32), number);
}

constexpr const char* order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
constexpr const char* prime = "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF";
constexpr const char* generator_x = "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296";
constexpr const char* generator_y = "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
constexpr const char* minus_y = "B01CBD1C01E58065711814B583F061E9D431CCA994CEA1313449BF97C840AE0A";

class BearsslTest : public testing::Test {
protected:
    /// What ours and OpenSSL's say, which must be the same.
    [[nodiscard]] bool both(const PublicKey& key, const Digest& digest, const Signature& signature) {
        const bool ours = crypto_.p256_verify(key, digest, signature);
        EXPECT_EQ(ours, peer_.p256_verify(key, digest, signature));
        return ours;
    }
    /// As do BearSSL's own. But these want factors other than 0 (bearssl_ec.h, muladd) and refuse what needs one, a
    /// digest that is 0 modulo n: nobody finds one.
    [[nodiscard]] bool all(const PublicKey& key, const Digest& digest, const Signature& signature) {
        const bool ours = both(key, digest, signature);
        const bool of_all = ours && digest != Digest{} && digest != from_hex(order);
        EXPECT_EQ(of_all, m15_.p256_verify(key, digest, signature)) << "p256_m15";
        EXPECT_EQ(of_all, i15_.p256_verify(key, digest, signature)) << "prime_i15";
        return ours;
    }
    BearsslCrypto crypto_;
    BearsslM15Crypto m15_;
    BearsslI15Crypto i15_;
    OpensslCrypto peer_;
};

TEST_F(BearsslTest, HashesAsOpensslDoes) {
    const std::vector<std::uint8_t> data(300, 0xA5);
    for (std::size_t bytes = 0; bytes < data.size(); ++bytes) {
        Sha256 hash(crypto_);
        hash.update(Bytes(data).first(bytes / 3));
        EXPECT_EQ(Sha256(hash).digest(), sha256(peer_, Bytes(data).first(bytes / 3)));  // a fork
        hash.update(Bytes(data).first(bytes).subspan(bytes / 3));
        EXPECT_EQ(hash.digest(), sha256(peer_, Bytes(data).first(bytes)));
    }
}

TEST_F(BearsslTest, TakesWhatOpensslSignsAndNothingThatDiffersInABit) {
    std::mt19937 random(1);
    for (int turn = 0; turn < 16; ++turn) {
        const Key key = new_key();
        const PublicKey point = public_of(key.get());
        Digest digest;
        for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(random());
        const Signature signature = sign(key.get(), digest);
        EXPECT_TRUE(all(point, digest, signature));
        const std::size_t bit = random() % 256;
        const auto flip = static_cast<std::uint8_t>(1U << bit % 8);
        Digest other = digest;
        other[bit / 8] ^= flip;
        EXPECT_FALSE(all(point, other, signature));
        for (const std::size_t half : {0U, 32U}) {
            Signature torn = signature;
            torn[half + bit / 8] ^= flip;
            EXPECT_FALSE(all(point, digest, torn));
            PublicKey off = point;
            off[half + bit / 8] ^= flip;
            EXPECT_FALSE(all(off, digest, signature));
        }
    }
}

TEST_F(BearsslTest, DigestsAtTheEdgesOfTheOrderAreTaken) {
    const Key key = new_key();
    for (const char* text : {order, prime, "0000000000000000000000000000000000000000000000000000000000000000",
                             "0000000000000000000000000000000000000000000000000000000000000001",
                             "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}) {
        const Digest digest = from_hex(text);
        EXPECT_TRUE(all(public_of(key.get()), digest, sign(key.get(), digest))) << text;
    }
}

TEST_F(BearsslTest, NumbersOutOfRangeAreRefused) {
    const Key key = new_key();
    const Digest digest = from_hex(prime);
    for (const char* text : {order, prime, "0000000000000000000000000000000000000000000000000000000000000000",
                             "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}) {
        for (const std::size_t at : {0U, 32U}) {
            Signature signature = sign(key.get(), digest);
            put(signature, at, from_hex(text));
            EXPECT_FALSE(all(public_of(key.get()), digest, signature)) << text;
            PublicKey point = public_of(key.get());
            put(point, at, from_hex(text));
            EXPECT_FALSE(all(point, digest, sign(key.get(), digest))) << text;
        }
    }
}

/// With Q = ±G all sums meet what addition treats apart: equal points, and points that cancel each other. Private key 1
/// or n - 1; nonce 1, so r = x of G, and s = digest ± r.
TEST_F(BearsslTest, KeysBesideTheGeneratorAreNoTrap) {
    for (const char* y : {generator_y, minus_y}) {
        PublicKey point{};
        put(point, 0, from_hex(generator_x));
        put(point, 32, from_hex(y));
        Digest digest{};
        digest[31] = 5;
        Signature signature{};
        put(signature, 0, from_hex(generator_x));
        Digest s = from_hex(generator_x);
        if (y == generator_y) {
            s[31] = static_cast<std::uint8_t>(s[31] + 5);
        } else {
            // 5 - r modulo n
            const Digest n = from_hex(order);
            int borrow = 0;
            for (std::size_t i = 32; i-- > 0;) {
                const int digit = n[i] + digest[i] - s[i] - borrow;
                borrow = digit < 0 ? 1 : 0;
                s[i] = static_cast<std::uint8_t>(digit);
                if (digit > 255) borrow = -1;
            }
        }
        put(signature, 32, s);
        EXPECT_TRUE(all(point, digest, signature)) << y;
        digest[31] = 6;
        EXPECT_FALSE(all(point, digest, signature)) << y;
    }
}

/// The x of a point may lie between n and p; r is then x - n. With digest 0 and s = r, the point is the key itself.
TEST_F(BearsslTest, APointWhoseXIsAboveTheOrderIsFound) {
    PublicKey point{};
    put(point, 0, from_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632554"));
    put(point, 32, from_hex("484F0C0FDA434EF0A808458914F328715D7A545E198AC7EEE31DFFE861B5D23F"));
    Signature signature{};
    signature[31] = 3;
    signature[63] = 3;
    EXPECT_TRUE(all(point, {}, signature));
    signature[31] = 4;
    EXPECT_FALSE(all(point, {}, signature));
}

/// u·G + v·Q is infinity: no x. With Q = -G and u = v, that is digest = r.
TEST_F(BearsslTest, ASumThatIsInfinityIsRefused) {
    PublicKey point{};
    put(point, 0, from_hex(generator_x));
    put(point, 32, from_hex(minus_y));
    Signature signature{};
    put(signature, 0, from_hex(generator_x));
    signature[63] = 7;
    EXPECT_FALSE(all(point, from_hex(generator_x), signature));
}

/// Signatures made for chosen factors u and v (testing.hpp).
class BearsslSums : public BearsslTest {
protected:
    using Big = p256::testing::Big;

    Big any() {
        Digest bytes;
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_());
        return group_.plus(Big(Bytes(bytes)), 0);
    }
    /// BearSSL's own need ten times as long and are asked about each eighth.
    void expect(bool good, const Big& d, const Big& u, const Big& v) {
        const auto [key, digest, signature] = group_.question(d, u, v);
        EXPECT_EQ(asked_++ % 8 == 0 ? all(key, digest, signature) : both(key, digest, signature), good);
    }
    [[nodiscard]] bool is_infinity(const Big& d, const Big& u, const Big& v) const {
        return group_.plus(u, group_.times(v, d)).is_zero();
    }
    std::mt19937 random_{2};
    unsigned asked_ = 0;
    p256::testing::Group group_;
};

TEST_F(BearsslSums, AreInfinityWhereverTheFactorsCancel) {
    for (int turn = 0; turn < 20; ++turn) {
        const Big u = any();
        const Big v = any();
        expect(false, group_.minus(group_.over(u, v)), u, v);
        expect(true, group_.over(u, v), u, v);  // both halves of the sum are the same point
    }
    expect(true, 1, 1, 1);
    expect(false, 1, -1, 1);
    expect(false, -1, 1, 1);
}

TEST_F(BearsslSums, OfSmallMultiplesOfTheGeneratorAreRight) {
    for (const long d : {1L, -1L, 2L, -2L, 3L}) {
        for (long u = -4; u <= 4; ++u) {
            for (const long v : {-3L, -2L, -1L, 1L, 2L, 3L})
                expect(u + v * d != 0, d, group_.plus(u, 0), group_.plus(v, 0));
        }
    }
}

TEST_F(BearsslSums, OfFactorsBesideTheOrderAndPowersOfTwoAreRight) {
    for (unsigned power = 0; power < 256; ++power) {
        Big edge;
        BN_set_bit(edge.get(), static_cast<int>(power));
        expect(true, any(), edge, group_.plus(edge, 2));
        expect(true, any(), group_.minus(edge), group_.plus(edge, 1));
    }
}

/// The walk comes to digit i with 2(a·G + b·Q), where a and b are what it has read of u and v. Keys for which that is G
/// or -G, and keys for which it is Q or -Q once the digit of u was added: equal points and points that cancel each
/// other, at every digit.
TEST_F(BearsslSums, MeetEqualAndOppositePointsAtEveryDigit) {
    constexpr std::size_t digits = 257;
    std::size_t met = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const Big u = any();
        const Big v = any();
        const auto form_of_u = p256::testing::non_adjacent(u, digits);
        const auto form_of_v = p256::testing::non_adjacent(v, digits);
        const Big twice_a = group_.times(2, p256::testing::upper_part(form_of_u, i + 1));
        const Big twice_b = group_.times(2, p256::testing::upper_part(form_of_v, i + 1));
        for (const long sign : {1L, -1L}) {
            const Big from_g = group_.over(group_.plus(sign, group_.minus(twice_a)), twice_b);
            const Big from_q =
                group_.over(group_.plus(twice_a, form_of_u[i]), group_.plus(sign, group_.minus(twice_b)));
            for (const auto& [d, digit] : {std::pair(from_g, form_of_u[i]), std::pair(from_q, form_of_v[i])}) {
                if (d.is_zero()) continue;
                met += digit != 0 ? 1U : 0U;
                expect(!is_infinity(d, u, v), d, u, v);
            }
        }
    }
    EXPECT_GT(met, digits);
}

}  // namespace
}  // namespace sb
