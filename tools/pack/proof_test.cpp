#include "tools/pack/proof.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ports/host/openssl_crypto.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/testing.hpp"

namespace sb::pack {
namespace {

Proof some_proof() {
    return {.layout = "nrf52840",
            .layout_crc = 0x1234ABCD,
            .source = {1, 2, 3, 4, 5, 6, 7, 8},
            .operations = 1300,
            .cuts = 33'744,
            .ended_new = 16'718,
            .ended_old = 17'026,
            .ended_golden = 3,
            .update_mode = 4,
            .dead = 0,
            .max_boots = 5,
            .max_steps = 1700};
}

TEST(Proof, ReadsAsItWasWritten) {
    EXPECT_EQ(decode_proof(encode_proof(some_proof())), some_proof());
}

TEST(Proof, IsAsLongBeforeTheCountsAreKnownAsAfterwards) {
    EXPECT_EQ(encode_proof({.layout = "nrf52840"}).size(), encode_proof(some_proof()).size());
}

TEST(Proof, CutsNoCharacterOfALongName) {
    Proof proof = some_proof();
    proof.layout = std::string(31, 'a') + "\xC3\xA9" + "b";
    EXPECT_EQ(decode_proof(encode_proof(proof))->layout, std::string(31, 'a'));
}

TEST(Proof, OtherClaimsAreNone) {
    const auto whole = encode_proof(some_proof());
    EXPECT_FALSE(decode_proof({}));
    for (std::size_t bytes = 1; bytes < whole.size(); ++bytes) EXPECT_FALSE(decode_proof(Bytes(whole).first(bytes)));
    auto other = whole;
    other[1] = 2;  // the kind of claim
    EXPECT_FALSE(decode_proof(other));
}

TEST(Proof, StandsInThePackageAndIsSigned) {
    const auto image = sign_image(std::vector<std::uint8_t>(900, 0x42), {.version = {1, 2, 3, 4}}, test_key()).value();
    const auto built =
        build_package(image, {}, {.device_class = "a/b", .claims = encode_proof(some_proof())}, test_key());
    ASSERT_TRUE(built) << built.error().what;
    OpensslCrypto crypto;
    const TrustedKey own = trusted(test_key().public_key());
    const std::size_t length = envelope_bytes(*built).value().value();
    auto envelope = std::vector(built->begin(), built->begin() + static_cast<std::ptrdiff_t>(length));
    ASSERT_TRUE(open_package(envelope, crypto, {&own, 1}));
    const auto claims = claims_of(envelope);
    EXPECT_EQ(decode_proof(claims), some_proof());

    const auto at = std::search(envelope.begin(), envelope.end(), claims.begin(), claims.end());
    ASSERT_NE(at, envelope.end());
    at[static_cast<std::ptrdiff_t>(claims.size()) - 1] ^= 1U;
    EXPECT_EQ(open_package(envelope, crypto, {&own, 1}).error(), Error::bad_signature);
}

TEST(Proof, WithABuildForEachSlotItStandsInTheFirst) {
    const auto built_for = [](std::uint32_t address) {
        SignOptions options{.version = {1, 2, 3, 4}};
        options.rom_fixed = address;
        return sign_image(std::vector<std::uint8_t>(900, 0x42), options, test_key()).value();
    };
    const auto a = built_for(0x8000), b = built_for(0x80000);
    PackageOptions options{.device_class = "a/b", .claims = encode_proof(some_proof())};
    const auto built = build_package({SlotBuild{a, {}, options}, {b, {}, {.device_class = "a/b"}}}, test_key());
    ASSERT_TRUE(built) << built.error().what;
    EXPECT_EQ(decode_proof(claims_of(Bytes(*built).first(envelope_bytes(*built).value().value()))), some_proof());
}

TEST(Proof, TakesItsShareOfTheEnvelopeFromThePreambles) {
    const std::size_t without = room_for_parameters(test_key()).value();
    const std::size_t claims = encode_proof(some_proof()).size();
    const std::size_t with = room_for_parameters(test_key(), claims).value();
    EXPECT_LE(2 * with, 2 * without - claims);
    EXPECT_GE(2 * with + 6, 2 * without - claims);
}

}  // namespace
}  // namespace sb::pack
