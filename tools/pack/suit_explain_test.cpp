#include "tools/pack/suit_explain.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error_name.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/cbor_tree.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/testing.hpp"

namespace sb::pack {
namespace {

using Buffer = std::vector<std::uint8_t>;
using test_support::read_file;
using test_support::shared_folder;

Buffer package(bool delta) {
    const Buffer image = sign_image(Buffer(2000, 7), {.version = {1, 0, 0, 0}}, test_key()).value();
    if (!delta) return build_package(image, {}, {.device_class = "arm.com/suit"}, test_key()).value();
    return build_package(image, Buffer(50),
                         {.device_class = "arm.com/suit",
                          .format = PayloadFormat::endsley_lzma,
                          .decoder_ram_bytes = 8192,
                          .source_digest = Digest{1}},
                         test_key())
        .value();
}

bool mentions(const SuitExplanation& e, const std::string& words) {
    for (const std::string& reason : e.reasons) {
        if (reason.find(words) != std::string::npos) return true;
    }
    return false;
}

class WorkingGroup : public testing::Test {
protected:
    void SetUp() override {
        folder = shared_folder() / "fixtures" / "suit";
        if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no fixtures beside the source tree";
        const auto key = PrivateKey::load(folder / "private_key.pem");
        ASSERT_TRUE(key) << key.error().what;
        ring = {trusted(key->public_key())};
    }
    [[nodiscard]] Buffer example(int number) const {
        return read_file(folder / ("example" + std::to_string(number) + ".suit"));
    }
    std::filesystem::path folder;
    std::vector<TrustedKey> ring;
};

TEST_F(WorkingGroup, AllSixExamplesParseAndVerifyAndAreRefusedWithReasons) {
    for (int i = 0; i < 6; ++i) {
        const Buffer envelope = example(i);
        const auto e = explain_suit(envelope, ring);
        ASSERT_TRUE(e) << i << ": " << e.error().what;
        EXPECT_EQ(e->envelope_bytes, envelope.size());
        EXPECT_TRUE(e->digest_matches) << i;
        EXPECT_TRUE(e->verified) << i;
        EXPECT_EQ(e->tree["manifest"]["manifest-sequence-number"], i);
        EXPECT_EQ(e->strict_error, Error::unsupported) << i << error_name(e->strict_error);
        EXPECT_TRUE(mentions(*e, "no payload descriptor")) << i;
        EXPECT_TRUE(mentions(*e, "security counter")) << i;
        EXPECT_FALSE(outline(e->tree).empty());
    }
}

TEST_F(WorkingGroup, NoExampleVerifiesWithAnotherKeyOrAChangedManifest) {
    const TrustedKey stranger = trusted(test_key().public_key());
    for (int i = 0; i < 6; ++i) {
        EXPECT_FALSE(explain_suit(example(i), {&stranger, 1})->verified);
        Buffer changed = example(i);
        const Buffer size = {0x19, 0x87, 0xD0};  // image size 34768
        const auto at = std::search(changed.begin(), changed.end(), size.begin(), size.end());
        ASSERT_NE(at, changed.end());
        *(at + 2) ^= 1;
        const auto e = explain_suit(changed, ring);
        ASSERT_TRUE(e);
        EXPECT_FALSE(e->digest_matches);
        EXPECT_FALSE(e->verified);
    }
}

TEST_F(WorkingGroup, ExamplesAreToldByName) {
    const auto boot = explain_suit(example(0), ring);
    const auto& common = boot->tree["manifest"]["common"];
    EXPECT_EQ(common["components"], nlohmann::ordered_json::parse(R"([["00"]])"));
    const auto& parameters = common["shared-sequence"][0]["directive-override-parameters"];
    EXPECT_EQ(parameters["vendor-identifier"], "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe");
    EXPECT_EQ(parameters["class-identifier"], "1492af14-2569-5e48-bf42-9b2d51f2ab45");
    EXPECT_EQ(parameters["image-size"], 34768);
    EXPECT_EQ(parameters["image-digest"]["algorithm"], "sha-256");
    EXPECT_TRUE(mentions(*boot, "invoke"));
    EXPECT_TRUE(mentions(*explain_suit(example(1), ring), "uses directive-fetch: not in the strict profile"));
    EXPECT_TRUE(mentions(*explain_suit(example(3), ring), "uses directive-try-each"));
    EXPECT_TRUE(mentions(*explain_suit(example(4), ring), "uses directive-copy"));
    EXPECT_TRUE(mentions(*explain_suit(example(4), ring), "has 3 components"));
    EXPECT_TRUE(mentions(*explain_suit(example(5), ring), "has 2 components"));
}

TEST_F(WorkingGroup, SeveredMembersAreCheckedAgainstTheManifest) {
    const auto e = explain_suit(example(2), ring);
    EXPECT_EQ(e->tree["severed"]["install"]["matches manifest"], true);
    EXPECT_EQ(e->tree["severed"]["text"]["matches manifest"], true);
    EXPECT_EQ(e->tree["severed"]["text"]["content"]["en-US"]["component [\"00\"]"]["vendor-domain"], "arm.com");
    EXPECT_TRUE(mentions(*e, "reference-uri"));
    Buffer changed = example(2);
    changed.back() ^= 1;  // in the text
    EXPECT_EQ(explain_suit(changed, ring)->tree["severed"]["text"]["matches manifest"], false);
}

TEST(SuitExplain, OwnPackagesAreTaken) {
    const std::vector<TrustedKey> ring = {trusted(test_key().public_key())};
    for (const bool delta : {false, true}) {
        const Buffer file = package(delta);
        const auto e = explain_suit(file, ring);
        ASSERT_TRUE(e) << e.error().what;
        EXPECT_EQ(e->strict_error, Error::none);
        EXPECT_TRUE(e->reasons.empty());
        EXPECT_TRUE(e->verified);
        EXPECT_EQ(e->envelope_bytes, envelope_bytes(file).value().value());
        const auto& descriptor = e->tree["payload-descriptor"];
        EXPECT_EQ(descriptor["format"], delta ? "endsley+lzma" : "raw");
        EXPECT_EQ(descriptor["signature"]["verifies"], true);
        EXPECT_EQ(descriptor["source_sha256"].is_null(), !delta);
    }
}

Buffer package_for_each_slot() {
    const auto bound = [](std::uint32_t address) {
        return sign_image(Buffer(500, 1), {.version = {1, 0, 0, 0}, .rom_fixed = address}, test_key()).value();
    };
    const Buffer a = bound(0x1000), b = bound(0x2000);
    const PackageOptions options{.device_class = "arm.com/suit"};
    return build_package({SlotBuild{a, {}, options}, {b, {}, options}}, test_key()).value();
}

TEST(SuitExplain, NamesTheBuildsOfBothSlots) {
    const Buffer file = package_for_each_slot();
    const std::vector<TrustedKey> ring = {trusted(test_key().public_key())};
    const auto e = explain_suit(file, ring);
    ASSERT_TRUE(e);
    EXPECT_TRUE(e->reasons.empty());
    ASSERT_EQ(e->builds.size(), 2U);
    EXPECT_EQ(e->builds[1].chain_from, e->builds[0].payload.chain_bytes());
    EXPECT_EQ(e->tree["payload-descriptor"]["slot B"]["format"], "raw");
    const std::string tree = e->tree.dump();
    EXPECT_NE(tree.find(R"("directive-try-each":[[{"directive-override-parameters")"), std::string::npos) << tree;
    EXPECT_NE(tree.find(R"("component-slot":1)"), std::string::npos);
}

TEST(SuitExplain, ANumberThatIsNoFormatIsShownAsItStands) {
    Buffer file = package(false);
    const Buffer start = {0x86, 0x00, 0x00, 0x19, 0x04, 0x00};  // a descriptor: raw, no memory, blocks of 1024
    const auto at = std::search(file.begin(), file.end(), start.begin(), start.end());
    ASSERT_NE(at, file.end());
    at[1] = 0x20;  // -1
    EXPECT_EQ(explain_suit(file, {})->tree["payload-descriptor"]["format"], -1);
}

TEST(SuitExplain, WithoutAKeyItExplainsAndClaimsNothing) {
    const auto e = explain_suit(package(true), {});
    ASSERT_TRUE(e);
    EXPECT_EQ(e->strict_error, Error::none);
    EXPECT_FALSE(e->verified);
    EXPECT_FALSE(e->tree["authentication-wrapper"]["signatures"][0].contains("verifies"));
}

TEST(SuitExplain, TellsWhatIsNoEnvelope) {
    EXPECT_FALSE(looks_like_suit(Buffer{0x3D, 0xB8}));
    EXPECT_TRUE(looks_like_suit(package(false)));
    for (const Buffer& file : {Buffer{}, Buffer{0xD8, 0x6B}, Buffer{0xD2, 0x80}, Buffer{0xD8, 0x6B, 0x80},
                               Buffer{0xD8, 0x6B, 0xA1, 0x18, 0x01, 0x00}, Buffer(40, 0x81)}) {
        const auto e = explain_suit(file, {});
        ASSERT_FALSE(e);
        EXPECT_EQ(e.error().kind, Problem::Kind::bad_input);
    }
}

TEST(SuitExplain, SurvivesEveryFlippedBit) {
    for (const Buffer& file : {package(true), package_for_each_slot()}) {
        const std::size_t length = envelope_bytes(file).value().value();
        for (std::size_t bit = 0; bit < length * 8; ++bit) {
            Buffer flipped(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            const auto e = explain_suit(flipped, {});
            if (e && e->strict_error != Error::none) {
                EXPECT_FALSE(e->reasons.empty()) << bit;
            }
        }
    }
}

TEST(CborTree, ReadsEveryTypeAndPrintsIt) {
    const Buffer in =
        cbor::array({cbor::item(1), cbor::item(-5), cbor::bytes(Buffer{0xAB}), cbor::item("t"),
                     cbor::map({{1, cbor::item(true)}, {-1, cbor::item(nullptr)}}), cbor::tagged(32, cbor::item("u"))});
    const auto item = read_cbor(in);
    ASSERT_TRUE(item);
    EXPECT_EQ(item->json().dump(), R"([1,-5,"ab","t",{"1":true,"-1":null},{"tag":32,"value":"u"}])");
    EXPECT_EQ(read_cbor(Buffer{0x01, 0x02}).error().error, Error::trailing_data);
    EXPECT_EQ(read_cbor(Buffer(17, 0x81)).error().error, Error::truncated);
    EXPECT_EQ(read_cbor(Buffer(100, 0x81)).error().error, Error::unsupported) << "deeper than anybody nests";
    EXPECT_EQ(read_cbor(Buffer{0xA2, 0x02, 0x00, 0x01, 0x00}).error().error, Error::duplicate_key);
}

}  // namespace
}  // namespace sb::pack
