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
    EXPECT_EQ(built->size(), envelope + package.chains_bytes);
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

// ---- a build for each slot

Buffer bound_image(std::uint32_t address, std::uint8_t fill = 0x42, Version version = {1, 2, 3, 4},
                   std::uint32_t counter = 7) {
    return sign_image(Buffer(3000, fill), {.version = version, .security_counter = counter, .rom_fixed = address},
                      test_key())
        .value();
}

struct TwoBuilds {
    Buffer a = bound_image(0x8000), b = bound_image(0x80000, 0x43);
    PackageOptions options_a{.device_class = "acme.example/t1"}, options_b = options_a;
    Buffer payload_a{}, payload_b{};

    [[nodiscard]] Outcome<Buffer> build() const {
        return build_package({SlotBuild{a, payload_a, options_a}, {b, payload_b, options_b}}, test_key());
    }
};

std::vector<Package> builds_in(Bytes package) {
    OpensslCrypto crypto;
    const TrustedKey own = trusted(test_key().public_key());
    return open_builds(package.first(envelope_bytes(package).value().value()), crypto, {&own, 1}).value();
}

TEST(BuildPackage, HoldsABuildForEachSlotOneChainBehindTheOther) {
    const TwoBuilds two;
    const auto built = two.build();
    ASSERT_TRUE(built) << built.error().what;
    const std::vector<Package> builds = builds_in(*built);
    ASSERT_EQ(builds.size(), 2U);
    OpensslCrypto crypto;
    EXPECT_EQ(builds[0].manifest.image_digest, sha256(crypto, two.a));
    EXPECT_EQ(builds[1].manifest.image_digest, sha256(crypto, two.b));
    EXPECT_EQ(builds[0].manifest.security_counter, 7U);
    EXPECT_EQ(builds[1].manifest.vendor, class_ids("acme.example/t1")->vendor);
    EXPECT_EQ(builds[0].id, builds[1].id) << "it is one package";
    EXPECT_EQ(builds[0].chain_from, 0U);
    EXPECT_EQ(builds[1].chain_from, builds[0].payload.chain_bytes());
    const std::size_t envelope = envelope_bytes(*built).value().value();
    EXPECT_EQ(built->size(), envelope + builds[0].chains_bytes);
    EXPECT_EQ(builds[0].chains_bytes, builds[0].payload.chain_bytes() + builds[1].payload.chain_bytes());
    EXPECT_EQ(builds[1].chains_bytes, builds[0].chains_bytes);
    // Slot B's image is its chain without the links.
    Bytes chain = Bytes(*built).subspan(envelope + static_cast<std::size_t>(builds[1].chain_from));
    EXPECT_TRUE(equal(chain.first(1024), Bytes(two.b).first(1024)));
}

TEST(BuildPackage, EachBuildHasItsOwnFormatSourceAndBlocks) {
    TwoBuilds two;
    two.payload_b = Buffer(700, 0x11);
    two.options_b.format = PayloadFormat::endsley_lzma;
    two.options_b.decoder_ram_bytes = 8192;
    two.options_b.source_digest = Digest{9};
    two.options_b.block_bytes = 256;
    const std::vector<Package> builds = builds_in(two.build().value());
    EXPECT_EQ(builds[0].payload.format, PayloadFormat::raw);
    EXPECT_EQ(builds[0].payload.source_digest, std::nullopt);
    EXPECT_EQ(builds[1].payload.format, PayloadFormat::endsley_lzma);
    EXPECT_EQ(builds[1].payload.source_digest, Digest{9});
    EXPECT_EQ(builds[1].payload.blocks(), 3U);
    EXPECT_EQ(builds[1].chains_bytes - builds[1].chain_from, 700U + 2 * 16);
}

TEST(BuildPackage, RefusesBuildsThatAreNotOneProgramForTwoPlaces) {
    struct Case {
        const char* what;
        void (*change)(TwoBuilds&);
    };
    for (const auto& [what, change] : {
             Case{"in their version", [](TwoBuilds& t) { t.b = bound_image(0x80000, 0x43, {1, 2, 3, 5}); }},
             Case{"in their security counter", [](TwoBuilds& t) { t.b = bound_image(0x80000, 0x43, {1, 2, 3, 4}, 8); }},
             Case{"in their sequence", [](TwoBuilds& t) { t.options_b.sequence = 1; }},
             Case{"in their class", [](TwoBuilds& t) { t.options_b.device_class = "acme.example/t2"; }},
             Case{"the same address", [](TwoBuilds& t) { t.b = bound_image(0x8000, 0x43); }},
             Case{"not bound to an address", [](TwoBuilds& t) { t.b = image(3000, 7); }},
             Case{"not bound to an address", [](TwoBuilds& t) { t.a = image(3000, 7); }},
         }) {
        TwoBuilds two;
        change(two);
        const auto built = two.build();
        ASSERT_FALSE(built) << what;
        EXPECT_EQ(built.error().kind, Problem::Kind::refused) << what;
        EXPECT_NE(built.error().what.find(what), std::string::npos) << built.error().what;
    }
    TwoBuilds two;
    two.b = Buffer(100);
    EXPECT_NE(two.build().error().where.find("slot B"), std::string::npos);
}

TEST(BuildPackage, TwoPreamblesFitTheEnvelopeUpToTheRoomThatIsTold) {
    const std::size_t room = room_for_parameters(test_key()).value();
    EXPECT_GE(room, 200U);
    TwoBuilds two;
    for (PackageOptions* options : {&two.options_a, &two.options_b}) {
        options->format = PayloadFormat::sbd;
        options->source_digest = Digest{1};
        options->decoder_ram_bytes = 0xFFFFFFFF;
        options->sequence = 0xFFFFFFFFFFFFFFFF;
        options->block_bytes = 4096;
        options->parameters = Buffer(room);
    }
    two.payload_a = two.payload_b = Buffer(100'000, 1);
    EXPECT_TRUE(two.build());
    two.options_a.parameters.resize(room + 50);
    const auto built = two.build();
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().where, "envelope");
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
