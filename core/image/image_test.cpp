#include "core/image/image.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "core/base/testing.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/testing.hpp"

namespace sb {

// For the messages of failed tests.
namespace {

using pack::test_key;
using Buffer = std::vector<std::uint8_t>;

Buffer signed_image(const pack::SignOptions& options, std::size_t body = 40) {
    return pack::sign_image(Buffer(body, 0x5A), options, test_key()).value();
}

Result<VerifiedImage> verify(Bytes image, const PublicKey& key, std::size_t scratch_bytes = 64) {
    OpensslCrypto crypto;
    MemoryReader reader(image);
    const TrustedKey ring[] = {pack::trusted(key)};
    Buffer scratch(scratch_bytes);
    return verify_image(reader, crypto, ring, scratch);
}

Result<VerifiedImage> verify(Bytes image) {
    return verify(image, test_key().public_key());
}

Error error_of(Bytes image) {
    const auto verified = verify(image);
    return verified ? Error::none : verified.error();
}

// An image by hand, to say what no signer says. Nothing in it is signed.
struct RawImage {
    std::uint32_t magic = 0x96F3B83D;
    std::uint32_t load_address = 0;
    std::uint16_t header_bytes = 32;
    std::uint32_t body_bytes = 8;
    std::uint32_t flags = 0;
    Buffer protected_area{};
    Buffer area = {0x07, 0x69, 4, 0};
    std::optional<std::uint16_t> protected_bytes{};

    [[nodiscard]] Buffer bytes() const {
        Buffer out(32 + 8);
        store_le(out, 0, magic);
        store_le(out, 4, load_address);
        store_le(out, 8, header_bytes);
        store_le(out, 10, protected_bytes.value_or(static_cast<std::uint16_t>(protected_area.size())));
        store_le(out, 12, body_bytes);
        store_le(out, 16, flags);
        out.insert(out.end(), protected_area.begin(), protected_area.end());
        out.insert(out.end(), area.begin(), area.end());
        return out;
    }
    [[nodiscard]] Error parse() const {
        const Buffer image = bytes();
        MemoryReader reader(image);
        const auto info = parse_image(reader);
        return info ? Error::none : info.error();
    }
};

Buffer tlv_area(std::uint16_t magic, const Buffer& entries) {
    Buffer out(4);
    store_le(out, 0, magic);
    store_le(out, 2, static_cast<std::uint16_t>(entries.size() + 4));
    out.insert(out.end(), entries.begin(), entries.end());
    return out;
}

TEST(Image, WhatImgtoolSignsVerifies) {
    const auto folder = test_support::shared_folder() / "fixtures" / "mcuboot";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no fixtures beside the source tree";
    const auto key = pack::load_public_key(folder / "test-ec-p256.pub.pem");
    ASSERT_TRUE(key);
    struct Case {
        const char* file;
        Version version;
        std::uint32_t header_bytes;
        std::optional<std::uint32_t> security_counter;
    };
    for (const auto& [file, version, header_bytes, security_counter] : std::initializer_list<Case>{
             {"klipper-1.0.0+1.signed.bin", {1, 0, 0, 1}, 0x200, {}},
             {"klipper-1.1.0+7.seccnt5.dep.signed.bin", {1, 1, 0, 7}, 0x200, 5},
             {"klipper-1.1.0+7.padded-confirmed.bin", {1, 1, 0, 7}, 0x20, {}},
             {"klipper-1.2.0.fullkey.signed.bin", {1, 2, 0, 0}, 0x400, {}},
         }) {
        const Buffer image = test_support::read_file(folder / file);
        const auto verified = verify(image, *key, 1000);
        ASSERT_TRUE(verified) << file << ": " << error_name(verified.error());
        EXPECT_EQ(verified->info.version, version);
        EXPECT_EQ(verified->info.header_bytes, header_bytes);
        EXPECT_EQ(verified->info.security_counter, security_counter);
        EXPECT_FALSE(verified->info.rom_fixed);
        EXPECT_LE(verified->info.total_bytes, image.size());
        OpensslCrypto crypto;
        EXPECT_EQ(verified->digest, sha256(crypto, Bytes(image).first(verified->info.total_bytes)));
        EXPECT_EQ(verify(image, test_key().public_key()).error(), Error::unknown_key);
    }
    const Buffer unsigned_one = test_support::read_file(folder / "klipper-2.0.0.unsigned.bin");
    EXPECT_EQ(verify(unsigned_one, *key).error(), Error::unsigned_image);
}

TEST(Image, ReportsWhatTheSignerWasTold) {
    const Buffer image = signed_image({.version = {1, 2, 3, 4},
                                       .header_bytes = 64,
                                       .security_counter = 9,
                                       .rom_fixed = 0x20000,
                                       .dependencies = {{}}});
    const auto verified = verify(image);
    ASSERT_TRUE(verified) << error_name(verified.error());
    EXPECT_EQ(verified->info.version, (Version{1, 2, 3, 4}));
    EXPECT_EQ(verified->info.header_bytes, 64U);
    EXPECT_EQ(verified->info.body_bytes, 40U);
    EXPECT_EQ(verified->info.total_bytes, image.size());
    EXPECT_EQ(verified->info.security_counter, 9U);
    EXPECT_TRUE(verified->info.rom_fixed);
    EXPECT_EQ(verified->info.load_address, 0x20000U);
    EXPECT_EQ(verified->info.protected_end, 64U + 40 + 4 + 8 + 16);
}

TEST(Image, FullPublicKeyCountsOnlyWhenItIsTheTrustedOne) {
    const Buffer image = signed_image({.full_public_key = true});
    EXPECT_TRUE(verify(image));
    EXPECT_EQ(verify(image, pack::PrivateKey::generate().value().public_key()).error(), Error::unknown_key);
}

TEST(Image, BytesBehindTheLastTlvAreIgnored) {
    Buffer image = signed_image({});
    const auto alone = verify(image);
    image.insert(image.end(), 1000, 0xFF);
    const auto padded = verify(image);
    ASSERT_TRUE(alone && padded);
    EXPECT_EQ(alone->digest, padded->digest);
}

TEST(Image, SizeOfTheScratchDoesNotMatter) {
    const Buffer image = signed_image({}, 3001);
    const auto expected = verify(image);
    ASSERT_TRUE(expected);
    for (const std::size_t bytes : {1U, 63U, 64U, 1024U, 10000U})
        EXPECT_EQ(verify(image, test_key().public_key(), bytes)->digest, expected->digest);
    EXPECT_EQ(verify(image, test_key().public_key(), 0).error(), Error::out_of_range);
}

TEST(Image, EveryFlippedBitIsRefused) {
    for (const bool full_key : {false, true}) {
        const Buffer image = signed_image({.header_bytes = 36, .security_counter = 1, .full_public_key = full_key});
        for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
            Buffer flipped = image;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            EXPECT_NE(error_of(flipped), Error::none) << "byte " << bit / 8 << " bit " << bit % 8;
        }
    }
}

TEST(Image, EveryTruncationIsTruncated) {
    const Buffer image = signed_image({.header_bytes = 36, .security_counter = 1});
    for (std::size_t n = 0; n < image.size(); ++n) EXPECT_EQ(error_of(Bytes(image).first(n)), Error::truncated) << n;
}

TEST(Image, EachKindOfForgeryHasItsError) {
    const Buffer image = signed_image({.header_bytes = 32});
    const std::size_t tlvs = 32 + 40 + 4;
    struct Case {
        std::size_t at;
        Error error;
    };
    for (const auto& [at, error] : std::initializer_list<Case>{
             {0, Error::malformed},
             {25, Error::bad_digest},          // version
             {40, Error::bad_digest},          // body
             {tlvs + 4, Error::bad_digest},    // TLV 0x10
             {tlvs + 40, Error::unknown_key},  // TLV 0x01
             {tlvs + 76, Error::malformed},    // DER
             {image.size() - 1, Error::bad_signature},
         }) {
        Buffer changed = image;
        changed[at] ^= 0x40;
        EXPECT_EQ(error_of(changed), error) << at;
    }
}

TEST(Image, SignatureOfAnotherImageIsRefused) {
    const Buffer one = signed_image({.header_bytes = 32});
    Buffer two = signed_image({.version = {1, 0, 0, 0}, .header_bytes = 32});
    const std::size_t signature = 32 + 40 + 4 + 36 + 36;
    two.resize(signature);
    two.insert(two.end(), one.begin() + signature, one.end());
    store_le(two, 32 + 40 + 2, static_cast<std::uint16_t>(two.size() - 32 - 40));
    EXPECT_EQ(error_of(two), Error::bad_signature);
}

TEST(Image, HeaderFieldsAreChecked) {
    EXPECT_EQ(RawImage{}.parse(), Error::none);
    struct Case {
        RawImage image;
        Error error;
    };
    for (const auto& [image, error] : std::initializer_list<Case>{
             {{.magic = 0x96F3B83C}, Error::malformed},
             {{.header_bytes = 31}, Error::malformed},
             {{.header_bytes = 0}, Error::malformed},
             {{.body_bytes = 0}, Error::malformed},
             {{.body_bytes = 4}, Error::malformed},  // the TLVs are not where it says
             {{.header_bytes = 33}, Error::truncated},
             {{.body_bytes = 9}, Error::truncated},
             {{.body_bytes = 13}, Error::truncated},
             {{.body_bytes = 0xFFFFFFFF}, Error::overflow},
             {{.body_bytes = 0xFFFFFFFF - 31}, Error::overflow},
             {{.body_bytes = 0xFFFFFFFF - 32}, Error::truncated},
             {{.header_bytes = 0xFFFF}, Error::truncated},
             {{.flags = 0x100}, Error::none},
             {{.flags = 0x1}, Error::unsupported},    // PIC
             {{.flags = 0x4}, Error::unsupported},    // encrypted
             {{.flags = 0x10}, Error::unsupported},   // not bootable
             {{.flags = 0x20}, Error::unsupported},   // RAM load
             {{.flags = 0x200}, Error::unsupported},  // compressed
             {{.flags = 0x80000000}, Error::unsupported},
         })
        EXPECT_EQ(image.parse(), error) << "flags " << image.flags << " header " << image.header_bytes << " body "
                                        << image.body_bytes;
}

TEST(Image, TlvAreasAreChecked) {
    const Buffer counter = {0x50, 0, 4, 0, 1, 2, 3, 4};
    Buffer twice = counter;
    twice.insert(twice.end(), counter.begin(), counter.end());
    struct Case {
        RawImage image;
        Error error;
    };
    for (const auto& [image, error] : std::initializer_list<Case>{
             {{.protected_area = tlv_area(0x6908, counter)}, Error::none},
             {{.protected_area = tlv_area(0x6908, {})}, Error::none},
             {{.protected_area = tlv_area(0x6908, {0xA0, 0, 1, 0, 7})}, Error::none},  // a vendor's own
             {{.protected_area = tlv_area(0x6907, counter)}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, twice)}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, {0x50, 0, 2, 0, 1, 2})}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, {0x40, 0, 2, 0, 1, 2})}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, {0x50, 0, 9, 0, 1, 2, 3, 4})}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, {0x50, 0, 4})}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, counter), .protected_bytes = 0}, Error::malformed},
             {{.protected_area = tlv_area(0x6908, counter), .protected_bytes = 11}, Error::malformed},
             {{.protected_bytes = 4}, Error::malformed},
             {{.area = tlv_area(0x6907, {0xFF, 0xFF, 0, 0})}, Error::none},
             {{.area = tlv_area(0x6907, counter)}, Error::none},  // not protected: means nothing
             {{.area = {0x07, 0x69, 3, 0}}, Error::malformed},
             {{.area = {0x07, 0x69, 5, 0}}, Error::truncated},
             {{.area = {0x07, 0x69, 5, 0, 1}}, Error::malformed},
             {{.area = {0x07, 0x69}}, Error::truncated},
             {{.area = tlv_area(0x6907, {0x10, 0, 2, 0, 1, 2})}, Error::malformed},
             {{.area = tlv_area(0x6907, {0x01, 0, 2, 0, 1, 2})}, Error::malformed},
             {{.area = tlv_area(0x6907, {0x02, 0, 2, 0, 1, 2})}, Error::malformed},
         })
        EXPECT_EQ(image.parse(), error) << testing::PrintToString(image.protected_area) << " "
                                        << testing::PrintToString(image.area);
}

TEST(Image, CounterOutsideOfTheProtectedAreaIsNoCounter) {
    const RawImage image{.area = tlv_area(0x6907, {0x50, 0, 4, 0, 1, 2, 3, 4})};
    const Buffer bytes = image.bytes();
    MemoryReader reader(bytes);
    EXPECT_EQ(parse_image(reader)->security_counter, std::nullopt);
}

// A signed image whose unprotected TLVs are put together anew.
Buffer with_entries(const Buffer& image, std::initializer_list<Buffer> entries) {
    const std::size_t start = 32 + 40;
    Buffer all;
    for (const Buffer& entry : entries) all.insert(all.end(), entry.begin(), entry.end());
    Buffer out(image.begin(), image.begin() + start);
    const Buffer area = tlv_area(0x6907, all);
    out.insert(out.end(), area.begin(), area.end());
    return out;
}

TEST(Image, ProofMayStandInAnyOrderButKeyBeforeItsSignature) {
    const Buffer image = signed_image({.header_bytes = 32});
    const auto cut = [&](std::size_t from, std::size_t to) {
        return Buffer(image.begin() + static_cast<std::ptrdiff_t>(from),
                      image.begin() + static_cast<std::ptrdiff_t>(to));
    };
    const std::size_t start = 32 + 40 + 4;
    const Buffer digest = cut(start, start + 36);
    const Buffer key = cut(start + 36, start + 72);
    const Buffer signature = cut(start + 72, image.size());
    Buffer other_key = key;
    other_key[10] ^= 1;
    const Buffer unknown = {0xEE, 0, 1, 0, 9};
    const Buffer broken = {0x22, 0, 2, 0, 9, 9};
    const Buffer too_long = [] {
        Buffer b(4 + 73);
        b[0] = 0x22;
        b[2] = 73;
        return b;
    }();

    EXPECT_EQ(error_of(with_entries(image, {digest, key, signature})), Error::none);
    EXPECT_EQ(error_of(with_entries(image, {unknown, key, signature, unknown, digest})), Error::none);
    EXPECT_EQ(error_of(with_entries(image, {digest, other_key, broken, key, signature})), Error::none)
        << "a signature by another key is not looked at";
    EXPECT_EQ(error_of(with_entries(image, {digest, key, signature, key, broken})), Error::none)
        << "the first signature by a trusted key counts";
    EXPECT_EQ(error_of(with_entries(image, {digest, signature, key})), Error::unknown_key);
    EXPECT_EQ(error_of(with_entries(image, {digest, key, other_key, signature})), Error::unknown_key);
    EXPECT_EQ(error_of(with_entries(image, {digest, key})), Error::unsigned_image);
    EXPECT_EQ(error_of(with_entries(image, {})), Error::unsigned_image);
    EXPECT_EQ(error_of(with_entries(image, {key, signature})), Error::malformed);
    EXPECT_EQ(error_of(with_entries(image, {digest, digest, key, signature})), Error::malformed);
    EXPECT_EQ(error_of(with_entries(image, {digest, key, broken, key, signature})), Error::malformed);
    EXPECT_EQ(error_of(with_entries(image, {digest, key, too_long})), Error::malformed);
}

// A place of which one byte cannot be read.
class HoleReader final : public Reader {
public:
    HoleReader(Bytes data, std::uint32_t hole) : data_(data), hole_(hole) {}
    [[nodiscard]] std::uint32_t bytes() const override { return data_.bytes(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (offset <= hole_ && hole_ - offset < out.size()) return fail(Error::unreadable);
        return data_.read(offset, out);
    }

private:
    MemoryReader data_;
    std::uint32_t hole_;
};

TEST(Image, UnreadableGranuleAnywhereIsItsOwnError) {
    OpensslCrypto crypto;
    const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
    Buffer scratch(64);
    for (const bool full_key : {false, true}) {
        const Buffer image = signed_image({.header_bytes = 36, .security_counter = 1, .full_public_key = full_key});
        for (std::uint32_t hole = 0; hole < image.size(); ++hole) {
            HoleReader reader(image, hole);
            const auto verified = verify_image(reader, crypto, ring, scratch);
            ASSERT_FALSE(verified) << hole;
            EXPECT_EQ(verified.error(), Error::unreadable) << hole;
        }
    }
}

}  // namespace
}  // namespace sb
