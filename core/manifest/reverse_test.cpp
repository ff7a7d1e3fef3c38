// A package with a reverse patch: what its descriptor says, and what it may not say.
#include <gtest/gtest.h>

#include "core/manifest/chain.hpp"
#include "core/manifest/testing.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb {
namespace {

namespace cbor = pack::cbor;
using manifest_testing::Buffer;
using manifest_testing::Parts;
using pack::test_key;

const Buffer first_block = cbor::bytes(Buffer(16, 4));

/// A patch of 1000 bytes in blocks of 256, and `tail`: what stands behind its source.
Buffer descriptor(const std::vector<Buffer>& tail, bool with_source = true, unsigned format = 2) {
    std::vector<Buffer> items = {cbor::item(format),
                                 cbor::item(0),
                                 cbor::item(256),
                                 cbor::item(1000),
                                 cbor::bytes(Buffer(16, 3)),
                                 with_source ? cbor::bytes(Buffer(32, 5)) : cbor::item(nullptr)};
    items.insert(items.end(), tail.begin(), tail.end());
    return cbor::array(items);
}

TEST(ReversePackage, IsToldAsAPackageOfItsOwn) {
    Parts parts;
    parts.descriptor = descriptor({cbor::item(nullptr), cbor::array({cbor::item(700), first_block, cbor::item(5000)})});
    TrustingCrypto crypto;
    const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
    const auto there = open_package(parts.envelope(), crypto, ring);
    ASSERT_TRUE(there);
    ASSERT_TRUE(there->payload.reverse);
    EXPECT_FALSE(there->payload.in_place);
    EXPECT_EQ(there->chain_from, 700U + 2 * 16) << "its chain comes first";
    EXPECT_EQ(there->chains_bytes, 700U + 2 * 16 + 1000 + 3 * 16);

    const Package back = reverse_of(*there);
    EXPECT_EQ(back.manifest.image_bytes, 5000U);
    EXPECT_EQ(back.manifest.image_digest, *there->payload.source_digest);
    EXPECT_EQ(*back.payload.source_digest, there->manifest.image_digest);
    EXPECT_EQ(back.payload.payload_bytes, 700U);
    EXPECT_EQ(back.payload.first_block, BlockDigest({4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}));
    EXPECT_EQ(back.payload.block_bytes, 256U);
    EXPECT_EQ(back.chain_from, 0U);
    EXPECT_EQ(back.chains_bytes, 700U + 2 * 16);
    EXPECT_EQ(back.id, there->id);
    EXPECT_FALSE(back.payload.reverse);
}

TEST(ReversePackage, HasParametersOfItsOwnWhereTheFormatHas) {
    Parts parts;
    parts.descriptor =
        descriptor({cbor::bytes(Buffer(8, 1)), cbor::item(nullptr),
                    cbor::array({cbor::item(700), first_block, cbor::item(5000), cbor::bytes(Buffer(9, 2))})},
                   true, 7);
    const Buffer envelope = parts.envelope();
    TrustingCrypto crypto;
    const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
    const auto there = open_package(envelope, crypto, ring);
    ASSERT_TRUE(there);
    EXPECT_EQ(there->payload.parameters.size(), 8U);
    EXPECT_EQ(reverse_of(*there).payload.parameters.size(), 9U);
}

TEST(ReversePackage, IsStrict) {
    const Buffer good = cbor::array({cbor::item(700), first_block, cbor::item(5000)}), null = cbor::item(nullptr);
    const Buffer in_place = cbor::array({cbor::item(0), cbor::item(5000), cbor::item(1024), null});
    const struct {
        const char* what;
        Error expected;
        std::vector<Buffer> tail;
        bool with_source = true;
    } rows[] = {
        {"as it should be", Error::none, {null, good}},
        {"and in place", Error::malformed, {in_place, good}},
        {"something behind it", Error::malformed, {null, good, null}},
        {"claims behind it", Error::none, {null, good, cbor::bytes(Buffer(9, 1))}},
        {"more behind these", Error::unsupported, {null, good, cbor::bytes(Buffer(9, 1)), null}},
        {"two items", Error::unsupported, {null, cbor::array({cbor::item(700), first_block})}},
        {"parameters without a format that has them",
         Error::unsupported,
         {null, cbor::array({cbor::item(700), first_block, cbor::item(5000), first_block})}},
        {"a patch of nothing", Error::malformed, {null, cbor::array({cbor::item(0), first_block, cbor::item(5000)})}},
        {"to an image of nothing",
         Error::malformed,
         {null, cbor::array({cbor::item(700), first_block, cbor::item(0)})}},
        {"a short digest",
         Error::malformed,
         {null, cbor::array({cbor::item(700), cbor::bytes(Buffer(15, 4)), cbor::item(5000)})}},
        {"a patch from nowhere", Error::unsupported, {null, good}, false},
    };
    for (const auto& row : rows) {
        Parts parts;
        parts.descriptor = descriptor(row.tail, row.with_source);
        EXPECT_EQ(parts.open(), row.expected) << row.what;
    }
}

/// A reverse patch beside a whole image; its parameters, if any, come last.
Buffer in_place(std::vector<Buffer> more) {
    return cbor::array({cbor::item(700), first_block, cbor::item(5000), cbor::array(std::move(more))});
}

TEST(ReversePackage, BesideAWholeImageWorksInPlace) {
    const Buffer digest = cbor::bytes(Buffer(32, 6));
    for (const bool sbd : {false, true}) {
        Parts parts;
        std::vector<Buffer> more = {cbor::item(sbd ? 7 : 3), cbor::item(8192), digest, cbor::item(4096),
                                    cbor::item(1024)};
        if (sbd) more.push_back(cbor::bytes(Buffer(9, 2)));
        parts.descriptor = descriptor({cbor::item(nullptr), in_place(more)}, false, 1);
        const Buffer envelope = parts.envelope();
        TrustingCrypto crypto;
        const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
        const auto there = open_package(envelope, crypto, ring);
        ASSERT_TRUE(there);
        EXPECT_FALSE(there->payload.in_place);
        EXPECT_EQ(there->chain_from, 700U + 2 * 16);
        const Package back = reverse_of(*there);
        EXPECT_EQ(back.payload.format, sbd ? PayloadFormat::sbd : PayloadFormat::endsley_lzma);
        EXPECT_EQ(back.payload.decoder_ram_bytes, 8192U);
        EXPECT_EQ(back.payload.parameters.size(), sbd ? 9U : 0U);
        EXPECT_EQ(back.manifest.image_bytes, 5000U);
        EXPECT_EQ(back.manifest.image_digest[0], 6);
        EXPECT_EQ(*back.payload.source_digest, there->manifest.image_digest);
        ASSERT_TRUE(back.payload.in_place);
        EXPECT_EQ(back.payload.in_place->shift, 4096U);
        EXPECT_EQ(back.payload.in_place->erase_bytes, 1024U);
        EXPECT_EQ(back.payload.in_place->source_bytes, there->manifest.image_bytes);
        EXPECT_FALSE(back.payload.in_place->has_way_back);
        EXPECT_FALSE(back.payload.reverse);
    }
}

TEST(ReversePackage, InPlaceIsStrict) {
    const Buffer format = cbor::item(3), ram = cbor::item(8192), digest = cbor::bytes(Buffer(32, 6));
    const Buffer shift = cbor::item(4096), erase = cbor::item(1024), null = cbor::item(nullptr);
    const Buffer good = in_place({format, ram, digest, shift, erase});
    const struct {
        const char* what;
        Error expected;
        Buffer reverse;
        bool with_source = false;
        unsigned format = 1;
    } rows[] = {
        {"as it should be", Error::none, good},
        {"beside a delta", Error::unsupported, good, true, 2},
        {"beside a patch without its source", Error::malformed, good, false, 2},
        {"four items", Error::unsupported, in_place({format, ram, digest, shift})},
        {"parameters without a format that has them", Error::unsupported,
         in_place({format, ram, digest, shift, erase, digest})},
        {"a format that has parameters without them", Error::unsupported,
         in_place({cbor::item(7), ram, digest, shift, erase})},
        {"a whole image again", Error::malformed, in_place({cbor::item(0), ram, digest, shift, erase})},
        {"a number that is no format", Error::unsupported, in_place({cbor::item(256), ram, digest, shift, erase})},
        {"a short digest", Error::malformed, in_place({format, ram, cbor::bytes(Buffer(31, 6)), shift, erase})},
        {"none in its place", Error::malformed, cbor::array({cbor::item(700), first_block, cbor::item(5000), null})},
    };
    for (const auto& row : rows) {
        Parts parts;
        parts.descriptor = descriptor({null, row.reverse}, row.with_source, row.format);
        EXPECT_EQ(parts.open(), row.expected) << row.what;
    }
}

TEST(ReversePackage, IsBuiltWithBothChains) {
    const Buffer image = pack::sign_image(Buffer(1000, 7), {.version = {1, 0, 0, 0}}, test_key()).value();
    pack::PackageOptions options{
        .device_class = "acme.example/t1", .format = PayloadFormat::endsley, .block_bytes = 256};
    options.source_digest = Digest{1};
    options.reverse = pack::ReverseOptions{.source_bytes = 900, .payload = Buffer(600, 9)};
    const Buffer built = pack::build_package(image, Buffer(300, 8), options, test_key()).value();
    OpensslCrypto crypto;
    const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
    const std::size_t envelope = envelope_bytes(built).value().value();
    const Package package = open_package(Bytes(built).first(envelope), crypto, ring).value();
    EXPECT_EQ(built.size(), envelope + package.chains_bytes);
    const Package back = reverse_of(package);
    ChainReader chain(back.payload, 0, back.payload.first_block);
    const Bytes wire = Bytes(built).subspan(envelope, chain.wire_bytes());
    EXPECT_EQ(chain.accept(crypto, wire).value()[0], 9) << "the reverse patch comes first";

    for (const auto& spoil : std::vector<void (*)(pack::PackageOptions&)>{[](auto& o) { o.reverse->payload.clear(); },
                                                                          [](auto& o) { o.reverse->source_bytes = 0; },
                                                                          [](auto& o) { o.in_place.emplace(); },
                                                                          [](auto& o) {
                                                                              o.format = PayloadFormat::lzma;
                                                                              o.source_digest.reset();
                                                                          }}) {
        pack::PackageOptions wrong = options;
        spoil(wrong);
        EXPECT_FALSE(pack::build_package(image, Buffer(300, 8), wrong, test_key()));
    }
}

}  // namespace
}  // namespace sb
