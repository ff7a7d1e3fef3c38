#include "ports/host/openssl_crypto.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sb {
namespace {

std::vector<std::uint8_t> from_hex(std::string_view hex) {
    const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(nibble(hex[i]) * 16 + nibble(hex[i + 1])));
    return bytes;
}

template <std::size_t N>
std::array<std::uint8_t, N> array_of(std::string_view hex) {
    std::array<std::uint8_t, N> a{};
    copy(a, from_hex(hex));
    return a;
}

Bytes text(std::string_view s) {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

// FIPS 180-4 example: SHA-256("abc").
TEST(OpensslCrypto, HashesTheStandardsExample) {
    OpensslCrypto crypto;
    EXPECT_EQ(sha256(crypto, text("abc")),
              array_of<32>("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

TEST(OpensslCrypto, CopiedStateGoesOnByItself) {
    OpensslCrypto crypto;
    Sha256 first(crypto);
    first.update(text("a"));
    Sha256 second = first;
    first.update(text("bc"));
    second.update(text("xy"));
    EXPECT_EQ(first.digest(), sha256(crypto, text("abc")));
    EXPECT_EQ(second.digest(), sha256(crypto, text("axy")));
    EXPECT_EQ(first.digest(), sha256(crypto, text("abc"))) << "asking for the digest must not end the computation";
}

// RFC 6979 A.2.5: P-256, SHA-256, message "sample".
struct Rfc6979 {
    PublicKey key = array_of<64>(
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    Signature signature = array_of<64>(
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
};

TEST(OpensslCrypto, VerifiesTheSignatureOfTheRfc) {
    OpensslCrypto crypto;
    const Rfc6979 sample;
    EXPECT_TRUE(crypto.p256_verify(sample.key, sha256(crypto, text("sample")), sample.signature));
}

TEST(OpensslCrypto, RefusesAnotherMessageSignatureOrKey) {
    OpensslCrypto crypto;
    const Rfc6979 sample;
    const Digest digest = sha256(crypto, text("sample"));
    EXPECT_FALSE(crypto.p256_verify(sample.key, sha256(crypto, text("simple")), sample.signature));
    for (std::size_t i = 0; i < 64; i += 7) {
        Rfc6979 changed;
        changed.signature[i] ^= 1;
        EXPECT_FALSE(crypto.p256_verify(sample.key, digest, changed.signature)) << i;
        changed = {};
        changed.key[i] ^= 1;  // not on the curve
        EXPECT_FALSE(crypto.p256_verify(changed.key, digest, sample.signature)) << i;
    }
}

TEST(OpensslCrypto, RefusesZeroAndOutOfRangeScalars) {
    OpensslCrypto crypto;
    const Rfc6979 sample;
    const Digest digest = sha256(crypto, text("sample"));
    EXPECT_FALSE(crypto.p256_verify(sample.key, digest, Signature{}));
    Signature all_ones;
    all_ones.fill(0xFF);
    EXPECT_FALSE(crypto.p256_verify(sample.key, digest, all_ones));
}

}  // namespace
}  // namespace sb
