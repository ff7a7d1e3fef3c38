#include "tools/pack/build_package.hpp"

#include <gtest/gtest.h>

#include "core/manifest/chain.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/pack/device_class.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/testing.hpp"

namespace sb::pack {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer image(std::size_t bytes, std::optional<std::uint32_t> counter = {}) {
    return sign_image(Buffer(bytes, 0x42), {.version = {1, 2, 3, 4}, .security_counter = counter}, test_key()).value();
}

struct Opened {
    Package package;
    std::size_t envelope;
};

Opened open(Bytes package) {
    OpensslCrypto crypto;
    const TrustedKey own = trusted(test_key().public_key());
    const std::size_t length = envelope_bytes(package).value().value();
    return {open_package(package.first(length), crypto, {&own, 1}).value(), length};
}

TEST(BuildPackage, FullPackageSaysWhatItsImageSays) {
    const Buffer signed_image = image(3000, 7);
    const auto built = build_package(signed_image, {}, {.device_class = "acme.example/t1"}, test_key());
    ASSERT_TRUE(built) << built.error().what;
    const auto [package, envelope] = open(*built);
    OpensslCrypto crypto;
    EXPECT_EQ(package.manifest.sequence, 0x0102000300000004U);
    EXPECT_EQ(package.manifest.vendor, class_ids("acme.example/t1")->vendor);
    EXPECT_EQ(package.manifest.device_class, class_ids("acme.example/t1")->device_class);
    EXPECT_EQ(package.manifest.image_bytes, signed_image.size());
    EXPECT_EQ(package.manifest.image_digest, sha256(crypto, signed_image));
    EXPECT_EQ(package.manifest.security_counter, 7U);
    EXPECT_EQ(package.payload.format, PayloadFormat::raw);
    EXPECT_EQ(package.payload.source_digest, std::nullopt);
    EXPECT_EQ(package.payload.block_bytes, 1024U);
    EXPECT_EQ(package.payload.payload_bytes, signed_image.size());
    EXPECT_EQ(built->size(), envelope + package.chain_bytes());
    EXPECT_EQ(package.id, shorten(sha256(crypto, Bytes(*built).first(envelope))));
}

TEST(BuildPackage, DeltaNamesItsSourceAndStaysSmall) {
    const Buffer payload(4096, 0x11);
    const Digest source = {9, 8, 7};
    const auto built = build_package(image(60000), payload,
                                     {.device_class = "acme.example/t1",
                                      .format = PayloadFormat::endsley_lzma,
                                      .decoder_ram_bytes = 8192,
                                      .source_digest = source,
                                      .block_bytes = 512},
                                     test_key());
    ASSERT_TRUE(built) << built.error().what;
    const auto [package, envelope] = open(*built);
    EXPECT_EQ(package.payload.source_digest, source);
    EXPECT_EQ(package.payload.decoder_ram_bytes, 8192U);
    EXPECT_EQ(package.payload.block_bytes, 512U);
    EXPECT_LE(envelope, 420U) << "an envelope is paid for with every delta";
}

TEST(BuildPackage, PaddingBehindTheImageIsLeftOut) {
    Buffer padded = image(500);
    const std::size_t bytes = padded.size();
    padded.resize(bytes + 100, 0xFF);
    const auto built = build_package(padded, {}, {.device_class = "a/b"}, test_key());
    ASSERT_TRUE(built);
    EXPECT_EQ(open(*built).package.manifest.image_bytes, bytes);
}

TEST(BuildPackage, SequenceMayBeNamed) {
    const auto built = build_package(image(500), {}, {.device_class = "a/b", .sequence = 23}, test_key());
    ASSERT_TRUE(built);
    EXPECT_EQ(open(*built).package.manifest.sequence, 23U);
}

TEST(BuildPackage, DiffersInItsSignaturesOnly) {
    const Buffer signed_image = image(500);
    const auto one = build_package(signed_image, {}, {.device_class = "a/b"}, test_key());
    const auto two = build_package(signed_image, {}, {.device_class = "a/b"}, test_key());
    ASSERT_TRUE(one && two);
    ASSERT_EQ(one->size(), two->size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < one->size(); ++i) different += (*one)[i] != (*two)[i] ? 1U : 0U;
    EXPECT_GT(different, 0U);
    EXPECT_LE(different, 128U);
}

TEST(BuildPackage, RefusesWhatContradictsTheImage) {
    struct Case {
        PackageOptions options;
        Problem::Kind kind;
        const char* what;
    };
    const Buffer signed_image = image(500, 5);
    const Buffer payload(10);
    for (const auto& [options, kind, what] : {
             Case{
                 {.device_class = "a/b", .version = Version{1, 2, 3, 5}}, Problem::Kind::refused, "is not the image's"},
             Case{{.device_class = "a/b", .security_counter = 6}, Problem::Kind::refused, "is not the image's"},
             Case{{.device_class = "ab"}, Problem::Kind::usage, "VENDOR-DOMAIN"},
             Case{{.device_class = "a/b", .block_bytes = 255}, Problem::Kind::usage, "256 to 4096"},
             Case{{.device_class = "a/b", .block_bytes = 4097}, Problem::Kind::usage, "256 to 4096"},
             Case{{.device_class = "a/b", .source_digest = Digest{}}, Problem::Kind::usage, "no source"},
         }) {
        const auto built = build_package(signed_image, {}, options, test_key());
        ASSERT_FALSE(built) << what;
        EXPECT_EQ(built.error().kind, kind) << what;
        EXPECT_NE(built.error().what.find(what), std::string::npos) << built.error().what;
    }
    const auto no_source =
        build_package(signed_image, payload, {.device_class = "a/b", .format = PayloadFormat::endsley}, test_key());
    EXPECT_EQ(no_source.error().kind, Problem::Kind::usage);
    EXPECT_EQ(build_package(signed_image, payload, {.device_class = "a/b"}, test_key()).error().kind,
              Problem::Kind::bad_input);
    EXPECT_EQ(build_package(signed_image, {}, {.device_class = "a/b", .format = PayloadFormat::lzma}, test_key())
                  .error()
                  .kind,
              Problem::Kind::bad_input);
    EXPECT_TRUE(build_package(
        signed_image, {}, {.device_class = "a/b", .version = Version{1, 2, 3, 4}, .security_counter = 5}, test_key()));
}

TEST(BuildPackage, RefusesImagesThatADeviceWouldRefuse) {
    const PackageOptions options{.device_class = "a/b"};
    Buffer damaged = image(500);
    damaged[600] ^= 1;
    const auto stranger = PrivateKey::generate().value();
    EXPECT_EQ(build_package(damaged, {}, options, test_key()).error().kind, Problem::Kind::bad_input);
    EXPECT_EQ(build_package(Buffer(100), {}, options, test_key()).error().kind, Problem::Kind::bad_input);
    EXPECT_EQ(build_package(image(500), {}, options, stranger).error().kind, Problem::Kind::refused);
}

TEST(FormatName, IsReadBack) {
    for (const PayloadFormat f :
         {PayloadFormat::raw, PayloadFormat::lzma, PayloadFormat::endsley, PayloadFormat::endsley_lzma})
        EXPECT_EQ(format_named(pack::format_name(f)), f);
    EXPECT_EQ(pack::format_name(static_cast<PayloadFormat>(9)), "format 9");
    EXPECT_EQ(format_named("zip"), std::nullopt);
}

}  // namespace
}  // namespace sb::pack
