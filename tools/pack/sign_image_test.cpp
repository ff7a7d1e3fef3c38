#include "tools/pack/sign_image.hpp"

#include <gtest/gtest.h>

#include "ports/host/openssl_crypto.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/pack/testing.hpp"

namespace sb::pack {
namespace {

using Buffer = std::vector<std::uint8_t>;
using test_support::read_file;
using test_support::shared_folder;

Buffer program(std::size_t bytes) {
    Buffer p(bytes);
    for (std::size_t i = 0; i < bytes; ++i) p[i] = static_cast<std::uint8_t>(i * 7);
    return p;
}

// The fixture again, made by us from the program inside it.
struct Imgtool {
    const char* file;
    SignOptions options;
};

class SameAsImgtool : public testing::TestWithParam<Imgtool> {};

TEST_P(SameAsImgtool, InEveryByteButTheSignature) {
    const auto folder = shared_folder() / "fixtures" / "mcuboot";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no fixtures beside the source tree";
    const Buffer theirs = read_file(folder / GetParam().file);
    const auto key = PrivateKey::load(folder / "test-ec-p256.pem");
    ASSERT_TRUE(key) << key.error().what;
    MemoryReader reader(theirs);
    const auto info = parse_image(reader);
    ASSERT_TRUE(info);

    const Bytes inside = Bytes(theirs).subspan(info->header_bytes, info->body_bytes);
    const auto ours = sign_image(inside, GetParam().options, *key);
    ASSERT_TRUE(ours) << ours.error().what;

    // The signature is the last TLV. Its length varies with its value, and with it the length of the whole area.
    const std::size_t key_tlv = 4 + (GetParam().options.full_public_key ? 91 : 32);
    const std::size_t area = info->protected_end;
    const std::size_t signature_tlv = area + 4 + 4 + 32 + key_tlv;
    ASSERT_GT(ours->size(), signature_tlv + 4);
    EXPECT_TRUE(equal(Bytes(*ours).first(area + 2), Bytes(theirs).first(area + 2)));
    EXPECT_TRUE(equal(Bytes(*ours).subspan(area + 4, signature_tlv - area - 4),
                      Bytes(theirs).subspan(area + 4, signature_tlv - area - 4)));
    EXPECT_EQ(load_le<std::uint16_t>(*ours, signature_tlv), load_le<std::uint16_t>(theirs, signature_tlv));
    EXPECT_EQ(load_le<std::uint16_t>(*ours, signature_tlv + 2), ours->size() - signature_tlv - 4);
    EXPECT_EQ(load_le<std::uint16_t>(*ours, area + 2), ours->size() - area);
    EXPECT_EQ(load_le<std::uint16_t>(theirs, area + 2), info->total_bytes - area);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, SameAsImgtool,
                         testing::Values(Imgtool{"klipper-1.0.0+1.signed.bin", {.version = {1, 0, 0, 1}}},
                                         Imgtool{"klipper-1.1.0+7.seccnt5.dep.signed.bin",
                                                 {.version = {1, 1, 0, 7},
                                                  .security_counter = 5,
                                                  .dependencies = {{.image = 1, .at_least = {1, 0, 0, 0}}}}},
                                         Imgtool{
                                             "klipper-1.2.0.fullkey.signed.bin",
                                             {.version = {1, 2, 0, 0}, .header_bytes = 0x400, .full_public_key = true}},
                                         Imgtool{"klipper-1.1.0+7.padded-confirmed.bin",
                                                 {.version = {1, 1, 0, 7},
                                                  .header_bytes = 0x20,
                                                  .slot_bytes = 0x8000,
                                                  .align = 8,
                                                  .mcuboot_trailer = true}}),
                         [](const auto& test) { return "Number" + std::to_string(test.index); });

TEST(SignImage, BindsToAnAddress) {
    const auto image = sign_image(program(100), {.version = {1, 0, 0, 0}, .rom_fixed = 0x08010000}, test_key());
    ASSERT_TRUE(image);
    MemoryReader reader(*image);
    const auto info = parse_image(reader);
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->rom_fixed);
    EXPECT_EQ(info->load_address, 0x08010000U);
}

TEST(SignImage, ShortSignaturesVerifyToo) {
    // One signature in about 500 holds an integer of less than 32 bytes; sign_image verifies each one it makes.
    std::size_t shortest = 72;
    for (int i = 0; i < 20'000 && shortest >= 70; ++i) {
        const auto image = sign_image(program(16), {.header_bytes = 32}, test_key());
        ASSERT_TRUE(image) << image.error().what;
        shortest = std::min(shortest, image->size() - (32 + 16 + 4 + 36 + 36 + 4));
    }
    EXPECT_LT(shortest, 70U);
}

TEST(SignImage, SlotMustHoldImageAndMcubootsTrailerWhereThereIsOne) {
    const Buffer p = program(1000);
    SignOptions options{.version = {1, 0, 0, 0}};
    const std::size_t at_most = 0x200 + 1000 + 4 + 36 + 36 + 4 + 72;
    options.slot_bytes = static_cast<std::uint32_t>(at_most);
    EXPECT_TRUE(sign_image(p, options, test_key()));
    options.mcuboot_trailer = true;
    const auto refused = sign_image(p, options, test_key());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Problem::Kind::refused);
    // 128 sectors × 3 × 8, four flags of 8, the magic: what imgtool reckons for --align 8
    EXPECT_EQ(mcuboot_trailer_bytes(8), 3072U + 32 + 16);
    EXPECT_EQ(mcuboot_trailer_bytes(32), 12288U + 128 + 32);
    options.slot_bytes += mcuboot_trailer_bytes(options.align);
    EXPECT_TRUE(sign_image(p, options, test_key()));
    options.slot_bytes = 0x500;
    options.mcuboot_trailer = false;
    EXPECT_FALSE(sign_image(p, options, test_key()));
}

TEST(SignImage, RefusesOptionsOutOfRange) {
    const Buffer p = program(100);
    for (const SignOptions& options : {SignOptions{.header_bytes = 31}, SignOptions{.header_bytes = 0x10000},
                                       SignOptions{.align = 3}, SignOptions{.align = 0}, SignOptions{.align = 64},
                                       SignOptions{.dependencies = std::vector<Dependency>(5000)}}) {
        const auto image = sign_image(p, options, test_key());
        ASSERT_FALSE(image);
        EXPECT_EQ(image.error().kind, Problem::Kind::usage);
    }
    EXPECT_EQ(sign_image({}, {}, test_key()).error().kind, Problem::Kind::bad_input);
}

}  // namespace
}  // namespace sb::pack
