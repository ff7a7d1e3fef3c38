#include "core/manifest/package.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <vector>

#include "core/base/testing.hpp"
#include "core/manifest/testing.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "ports/host/trusting_crypto.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/sign_image.hpp"
#include "tools/pack/testing.hpp"

namespace sb {

namespace {

namespace cbor = pack::cbor;
using manifest_testing::Buffer;
using manifest_testing::joined;
using manifest_testing::open_with;
using manifest_testing::Parts;
using manifest_testing::replaced;
using pack::test_key;

Error open(Bytes envelope, const PublicKey& key = test_key().public_key()) {
    OpensslCrypto crypto;
    return open_with(crypto, envelope, key);
}

// A whole envelope, full or delta, as the builder makes it.
Buffer built_envelope(bool delta) {
    const Buffer image = pack::sign_image(Buffer(1000, 7), {.version = {1, 0, 0, 0}}, test_key()).value();
    pack::PackageOptions options{.device_class = "acme.example/t1"};
    Buffer payload;
    if (delta) {
        options.format = PayloadFormat::endsley_lzma;
        options.decoder_ram_bytes = 8192;
        options.source_digest = Digest{1};
        payload.resize(100);
    }
    Buffer package = pack::build_package(image, payload, options, test_key()).value();
    package.resize(envelope_bytes(package).value().value());
    return package;
}

TEST(Package, OpensWhatTheBuilderBuilt) {
    EXPECT_EQ(open(built_envelope(false)), Error::none);
    EXPECT_EQ(open(built_envelope(true)), Error::none);
    EXPECT_EQ(Parts{}.open(), Error::none);
}

TEST(Package, EveryFlippedBitIsRefused) {
    for (const bool delta : {false, true}) {
        const Buffer envelope = built_envelope(delta);
        std::set<Error> seen;
        for (std::size_t bit = 0; bit < envelope.size() * 8; ++bit) {
            Buffer flipped = envelope;
            flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            const Error e = open(flipped);
            EXPECT_NE(e, Error::none) << "byte " << bit / 8 << " bit " << bit % 8;
            seen.insert(e);
        }
        for (const Error e : {Error::malformed, Error::unsupported, Error::truncated, Error::unknown_key,
                              Error::bad_signature, Error::bad_digest})
            EXPECT_TRUE(seen.contains(e)) << error_name(e);
    }
}

TEST(Package, EveryTruncationIsTruncated) {
    for (const bool delta : {false, true}) {
        const Buffer envelope = built_envelope(delta);
        for (std::size_t n = 0; n < envelope.size(); ++n) {
            EXPECT_EQ(open(Bytes(envelope).first(n)), Error::truncated) << n;
            const auto length = envelope_bytes(Bytes(envelope).first(n));
            ASSERT_TRUE(length) << n;
            if (length->has_value()) {
                EXPECT_EQ(**length, envelope.size()) << n;
            }
        }
    }
}

TEST(Package, WrongKeyIsUnknownAndWrongSignatureIsBad) {
    const Buffer envelope = built_envelope(false);
    EXPECT_EQ(open(envelope, pack::PrivateKey::generate().value().public_key()), Error::unknown_key);
    OpensslCrypto crypto;
    EXPECT_EQ(open_with(crypto, Parts{}.envelope(), test_key().public_key()), Error::bad_signature);
    EXPECT_FALSE(open_package(envelope, crypto, {}));
}

TEST(Package, AnyKeyOfTheRingWillDo) {
    OpensslCrypto crypto;
    const TrustedKey ring[] = {pack::trusted(pack::PrivateKey::generate().value().public_key()),
                               pack::trusted(test_key().public_key())};
    EXPECT_TRUE(open_package(built_envelope(true), crypto, ring));
}

TEST(Package, DescriptorOfAnotherPackageIsRefused) {
    // Same key, both signatures genuine: the descriptor is bound to its manifest.
    const Buffer full = built_envelope(false);
    const Buffer other = [] {
        const Buffer image = pack::sign_image(Buffer(1000, 8), {.version = {1, 0, 0, 0}}, test_key()).value();
        return pack::build_package(image, {}, {.device_class = "acme.example/t1"}, test_key()).value();
    }();
    // Images of the same length: the envelopes have the same layout, and the descriptor is what stands last.
    const std::size_t length = envelope_bytes(other).value().value();
    ASSERT_EQ(length, full.size());
    const Buffer mark = {0xD2, 0x84, 0x43};
    const auto tail = std::find_end(full.begin(), full.end(), mark.begin(), mark.end()) - full.begin();
    Buffer mixed(full.begin(), full.begin() + tail);
    mixed.insert(mixed.end(), other.begin() + tail, other.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(open(mixed), Error::bad_signature);
}

TEST(Package, ManifestThatIsNotTheDigestsIsRefused) {
    Parts parts;
    parts.digest = cbor::array({cbor::item(-16), cbor::bytes(Digest{1, 2, 3})});
    EXPECT_EQ(parts.open(), Error::bad_digest);
}

struct Case {
    const char* name;
    Error expected;
    void (*change)(Parts&);
};

void check(std::initializer_list<Case> cases) {
    for (const auto& [name, expected, change] : cases) {
        Parts parts;
        change(parts);
        EXPECT_EQ(parts.open(), expected) << name;
    }
}

TEST(Package, FrameIsStrict) {
    check({
        {"another tag", Error::malformed, [](Parts& p) { p.frame = cbor::tagged(18, cbor::map({})); }},
        {"no tag", Error::malformed, [](Parts& p) { p.frame = cbor::map({}); }},
        {"empty input", Error::truncated, [](Parts& p) { p.frame = Buffer{}; }},
        {"tag in a longer form", Error::non_canonical, [](Parts& p) { p.frame = Buffer{0xD9, 0x00, 0x6B, 0xA3}; }},
        {"map of indefinite length", Error::non_canonical, [](Parts& p) { p.frame = Buffer{0xD8, 0x6B, 0xBF, 0xFF}; }},
        {"no payload descriptor", Error::unsupported,
         [](Parts& p) {
             p.frame =
                 cbor::tagged(107, cbor::map({{2, cbor::bytes(p.the_auth())}, {3, cbor::bytes(p.the_manifest())}}));
         }},
        {"a member more", Error::unsupported,
         [](Parts& p) {
             const Buffer m = cbor::bytes(p.the_manifest());
             p.frame = cbor::tagged(107, cbor::map({{2, cbor::bytes(p.the_auth())}, {3, m}, {20, m}, {-256, m}}));
         }},
        {"another private label", Error::unsupported,
         [](Parts& p) { p.frame = replaced(p.envelope(), {0x38, 0xFF, 0x58}, {0x38, 0xFE, 0x58}); }},
        {"integrated payload", Error::unsupported,
         [](Parts& p) {
             const Buffer m = cbor::bytes(p.the_manifest());
             p.frame =
                 joined({{0xD8, 0x6B, 0xA3, 0x02}, cbor::bytes(p.the_auth()), {0x03}, m, cbor::item("#image"), m});
         }},
        {"members twice", Error::duplicate_key,
         [](Parts& p) {
             const Buffer m = cbor::bytes(p.the_manifest());
             p.frame = joined({{0xD8, 0x6B, 0xA3, 0x02}, cbor::bytes(p.the_auth()), {0x03}, m, {0x03}, m});
         }},
        {"members out of order", Error::duplicate_key,
         [](Parts& p) {
             const Buffer m = cbor::bytes(p.the_manifest());
             p.frame = joined({{0xD8, 0x6B, 0xA3, 0x02}, cbor::bytes(p.the_auth()), {0x01}, m, {0x03}, m});
         }},
        {"bytes behind", Error::trailing_data, [](Parts& p) { p.frame = joined({p.envelope(), {0}}); }},
        {"too large", Error::too_large, [](Parts& p) { p.frame = Buffer(1025); }},
        {"a member of 4 GiB", Error::truncated,
         [](Parts& p) { p.frame = Buffer{0xD8, 0x6B, 0xA3, 0x02, 0x5A, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0}; }},
        {"a member that is no byte string", Error::malformed,
         [](Parts& p) { p.frame = Buffer{0xD8, 0x6B, 0xA3, 0x02, 0x01, 0x03, 0x01, 0x38, 0xFF, 0x01}; }},
    });
}

TEST(Package, AuthenticationIsStrict) {
    check({
        {"no signature", Error::unsupported, [](Parts& p) { p.auth = cbor::array({cbor::bytes(p.the_digest())}); }},
        {"two signatures", Error::unsupported,
         [](Parts& p) {
             const Buffer b = cbor::bytes(p.block(cbor::item(nullptr)));
             p.auth = cbor::array({cbor::bytes(p.the_digest()), b, b});
         }},
        {"SHA-384", Error::unsupported,
         [](Parts& p) { p.digest = cbor::array({cbor::item(-43), cbor::bytes(Digest{})}); }},
        {"digest of 31 bytes", Error::malformed,
         [](Parts& p) { p.digest = cbor::array({cbor::item(-16), cbor::bytes(Buffer(31))}); }},
        {"digest with an extension", Error::unsupported,
         [](Parts& p) { p.digest = cbor::array({cbor::item(-16), cbor::bytes(Digest{}), cbor::item(1)}); }},
        {"bytes behind the digest", Error::trailing_data, [](Parts& p) { p.digest = joined({p.the_digest(), {0}}); }},
        {"bytes behind the block", Error::trailing_data,
         [](Parts& p) { p.manifest_block = joined({p.block(cbor::item(nullptr)), {0}}); }},
        {"COSE_Sign", Error::unsupported, [](Parts& p) { p.manifest_block = cbor::tagged(98, cbor::array({})); }},
        {"untagged", Error::malformed, [](Parts& p) { p.manifest_block = cbor::array({}); }},
        {"EdDSA", Error::unsupported,
         [](Parts& p) {
             p.manifest_block = replaced(p.block(cbor::item(nullptr)), {0xA1, 0x01, 0x26}, {0xA1, 0x01, 0x27});
         }},
        {"payload where none may be", Error::unsupported,
         [](Parts& p) { p.manifest_block = p.block(cbor::bytes(Buffer(4))); }},
        {"undefined for null", Error::malformed, [](Parts& p) { p.manifest_block = p.block(Buffer{0xF7}); }},
        {"payload missing", Error::unsupported, [](Parts& p) { p.descriptor_block = p.block(cbor::item(nullptr)); }},
        {"no kid", Error::unsupported,
         [](Parts& p) {
             p.manifest_block = cbor::tagged(18, cbor::array({cbor::bytes(cose::es256_header), cbor::map({}),
                                                              cbor::item(nullptr), cbor::bytes(Buffer(64))}));
         }},
        {"another header", Error::unsupported,
         [](Parts& p) {
             p.manifest_block =
                 cbor::tagged(18, cbor::array({cbor::bytes(cose::es256_header), cbor::map({{5, cbor::bytes(p.kid)}}),
                                               cbor::item(nullptr), cbor::bytes(Buffer(64))}));
         }},
        {"long kid", Error::unsupported, [](Parts& p) { p.kid.push_back(0); }},
        {"unknown kid", Error::unknown_key, [](Parts& p) { p.kid[0] ^= 1; }},
        {"short signature", Error::malformed,
         [](Parts& p) {
             p.manifest_block =
                 cbor::tagged(18, cbor::array({cbor::bytes(cose::es256_header), cbor::map({{4, cbor::bytes(p.kid)}}),
                                               cbor::item(nullptr), cbor::bytes(Buffer(63))}));
         }},
    });
}

TEST(Package, ManifestIsStrict) {
    check({
        {"version 2", Error::unsupported,
         [](Parts& p) { p.manifest = replaced(p.the_manifest(), {0xA4, 0x01, 0x01}, {0xA4, 0x01, 0x02}); }},
        {"an install sequence", Error::unsupported,
         [](Parts& p) {
             p.manifest = replaced(p.the_manifest(), {0xA4, 0x01}, {0xA5, 0x01});
             p.manifest = joined({*p.manifest, {0x14, 0x43, 0x82, 0x15, 0x0F}});
         }},
        {"key twice", Error::duplicate_key,
         [](Parts& p) { p.manifest = replaced(p.the_manifest(), {0x02, 0x05}, {0x01, 0x05}); }},
        {"sequence not in its shortest form", Error::non_canonical, [](Parts& p) { p.sequence_number = {0x18, 0x05}; }},
        {"sequence of 64 bits", Error::none, [](Parts& p) { p.sequence_number = cbor::item(0xFFFFFFFFFFFFFFFFU); }},
        {"negative sequence", Error::malformed, [](Parts& p) { p.sequence_number = cbor::item(-1); }},
        {"bytes behind", Error::trailing_data, [](Parts& p) { p.manifest = joined({p.the_manifest(), {0}}); }},
        {"common with a member more", Error::unsupported,
         [](Parts& p) {
             p.common = cbor::map({{2, p.components}, {4, cbor::bytes(p.the_sequence())}, {5, p.report}});
         }},
        {"common with a key twice", Error::duplicate_key,
         [](Parts& p) { p.common = joined({{0xA2, 0x02}, p.components, {0x02}, p.components}); }},
        {"two components", Error::unsupported,
         [](Parts& p) {
             const Buffer one = cbor::array({cbor::bytes(Buffer{0})});
             p.components = cbor::array({one, one});
         }},
        {"another component", Error::unsupported,
         [](Parts& p) { p.components = cbor::array({cbor::array({cbor::bytes(Buffer{1})})}); }},
        {"component of two parts", Error::unsupported,
         [](Parts& p) { p.components = cbor::array({cbor::array({cbor::bytes(Buffer{0}), cbor::bytes(Buffer{0})})}); }},
        {"nothing but try-each", Error::unsupported,
         [](Parts& p) { p.sequence = replaced(p.the_sequence(), {0x86, 0x14}, {0x86, 0x0F}); }},
        {"two payloads for one build", Error::malformed,
         [](Parts& p) { p.descriptor = cbor::array({p.the_descriptor(), p.the_descriptor()}); }},
        {"a condition more", Error::unsupported,
         [](Parts& p) {
             p.sequence = joined({replaced(p.the_sequence(), {0x86, 0x14}, {0x88, 0x14}), {0x18, 0x18, 0x0F}});
         }},
        {"another condition", Error::unsupported,
         [](Parts& p) { p.sequence = replaced(p.the_sequence(), {0x01, 0x0F, 0x02}, {0x18, 0x18, 0x0F, 0x02}); }},
        {"other reporting", Error::unsupported, [](Parts& p) { p.report = cbor::item(14); }},
        {"other validation", Error::unsupported, [](Parts& p) { p.validate = cbor::array({cbor::item(6), p.report}); }},
        {"longer validation", Error::unsupported,
         [](Parts& p) { p.validate = cbor::array({cbor::item(3), p.report, cbor::item(3), p.report}); }},
        {"bytes behind the validation", Error::trailing_data,
         [](Parts& p) { p.validate = joined({cbor::array({cbor::item(3), p.report}), {0}}); }},
    });
}

TEST(Package, ParametersAreStrict) {
    check({
        {"no security counter", Error::unsupported,
         [](Parts& p) {
             p.parameters = cbor::map({{1, cbor::bytes(p.uuid)},
                                       {2, cbor::bytes(p.uuid)},
                                       {3, cbor::bytes(p.digest_item)},
                                       {14, cbor::item(1000)}});
         }},
        {"a parameter more", Error::unsupported,
         [](Parts& p) {
             p.parameters = cbor::map({{1, cbor::bytes(p.uuid)},
                                       {2, cbor::bytes(p.uuid)},
                                       {3, cbor::bytes(p.digest_item)},
                                       {5, cbor::item(0)},
                                       {14, cbor::item(1000)},
                                       {-256, cbor::item(7)}});
         }},
        {"another parameter", Error::unsupported,
         [](Parts& p) { p.parameters = replaced(p.parameters, {0x0E, 0x19}, {0x0D, 0x19}); }},
        {"a parameter twice", Error::duplicate_key,
         [](Parts& p) { p.parameters = replaced(p.parameters, {0x02, 0x50}, {0x01, 0x50}); }},
        {"vendor of 15 bytes", Error::malformed,
         [](Parts& p) {
             p.parameters =
                 replaced(p.parameters, joined({{0x01, 0x50}, p.uuid}), joined({{0x01}, cbor::bytes(Buffer(15))}));
         }},
        {"class that is a text", Error::malformed,
         [](Parts& p) { p.parameters = replaced(p.parameters, {0x02, 0x50}, {0x02, 0x70}); }},
        {"image of no bytes", Error::malformed,
         [](Parts& p) { p.parameters = replaced(p.parameters, {0x0E, 0x19, 0x03, 0xE8}, {0x0E, 0x00}); }},
        {"image of 4 GiB", Error::overflow,
         [](Parts& p) {
             p.parameters = replaced(p.parameters, {0x0E, 0x19, 0x03, 0xE8}, {0x0E, 0x1B, 0, 0, 0, 1, 0, 0, 0, 0});
         }},
        {"image size in a longer form", Error::non_canonical,
         [](Parts& p) {
             p.parameters = replaced(p.parameters, {0x0E, 0x19, 0x03, 0xE8}, {0x0E, 0x1A, 0, 0, 3, 0xE8});
         }},
        {"counter beyond 32 bits", Error::overflow,
         [](Parts& p) {
             p.parameters = replaced(p.parameters, {0x38, 0xFF, 0x07}, {0x38, 0xFF, 0x1B, 0, 0, 0, 1, 0, 0, 0, 0});
         }},
        {"image digest by SHA-512", Error::unsupported,
         [](Parts& p) { p.parameters = replaced(p.parameters, {0x82, 0x2F, 0x58, 0x20}, {0x82, 0x38, 0x2B, 0x58}); }},
    });
}

// ---- in place

Buffer in_place_descriptor(const Buffer& in_place, bool with_source = true) {
    return cbor::array({cbor::item(3), cbor::item(8192), cbor::item(1024), cbor::item(900), cbor::bytes(Buffer(16)),
                        with_source ? cbor::bytes(Buffer(32, 5)) : cbor::item(nullptr), in_place});
}

Result<Package> opened(const Parts& parts) {
    TrustingCrypto crypto;
    const TrustedKey key = pack::trusted(test_key().public_key());
    return open_package(parts.envelope(), crypto, {&key, 1});
}

TEST(Package, SaysWhatAPatchInPlaceMustKeepTo) {
    Parts parts;
    parts.descriptor = in_place_descriptor(cbor::array(
        {cbor::item(4096), cbor::item(5000), cbor::item(1024), cbor::array({cbor::item(700), cbor::item(8192)})}));
    const auto package = opened(parts);
    ASSERT_TRUE(package) << error_name(package.error());
    ASSERT_TRUE(package->payload.in_place);
    const InPlace& in_place = *package->payload.in_place;
    EXPECT_EQ(in_place.shift, 4096U);
    EXPECT_EQ(in_place.source_bytes, 5000U);
    EXPECT_TRUE(in_place.has_way_back);
    EXPECT_EQ(in_place.way_back_from, 700U);
    EXPECT_EQ(in_place.way_back_shift, 8192U);

    parts.descriptor =
        in_place_descriptor(cbor::array({cbor::item(0), cbor::item(5000), cbor::item(1024), cbor::item(nullptr)}));
    const auto without = opened(parts);
    ASSERT_TRUE(without);
    EXPECT_FALSE(without->payload.in_place->has_way_back);
}

TEST(Package, InPlaceIsStrict) {
    const Buffer null = cbor::item(nullptr), size = cbor::item(5000);
    const auto way_back = [](unsigned from) { return cbor::array({cbor::item(from), cbor::item(0)}); };
    const struct {
        const char* what;
        Error error;
        Buffer in_place;
        bool with_source = true;
    } table[] = {
        {"without a source", Error::malformed, cbor::array({cbor::item(0), size, size, null}), false},
        {"three items", Error::unsupported, cbor::array({cbor::item(0), size, null})},
        {"five items", Error::unsupported, cbor::array({cbor::item(0), size, size, null, null})},
        {"a shift beyond 32 bits", Error::overflow, cbor::array({cbor::item(1ULL << 32), size, size, null})},
        {"a way back from the start", Error::malformed, cbor::array({cbor::item(0), size, size, way_back(0)})},
        {"a way back behind the payload", Error::malformed, cbor::array({cbor::item(0), size, size, way_back(900)})},
        {"a way back that is a number", Error::malformed, cbor::array({cbor::item(0), size, size, cbor::item(7)})},
        {"a way back of one item", Error::unsupported,
         cbor::array({cbor::item(0), size, size, cbor::array({cbor::item(700)})})},
        {"not an array", Error::malformed, cbor::item(7)},
    };
    for (const auto& row : table) {
        Parts parts;
        parts.descriptor = in_place_descriptor(row.in_place, row.with_source);
        const auto package = opened(parts);
        ASSERT_FALSE(package) << row.what;
        EXPECT_STREQ(error_name(package.error()), error_name(row.error)) << row.what;
    }
}

TEST(Package, ClaimsArePassedOver) {
    const Buffer claim = cbor::bytes(Buffer{1, 2, 3}), null = cbor::item(nullptr);
    const Buffer in_place = cbor::array({cbor::item(0), cbor::item(5000), cbor::item(1024), null});
    const auto with = [](std::vector<Buffer> more) {
        std::vector<Buffer> items = {cbor::item(3),   cbor::item(8192),        cbor::item(1024),
                                     cbor::item(900), cbor::bytes(Buffer(16)), cbor::bytes(Buffer(32, 5))};
        items.insert(items.end(), more.begin(), more.end());
        Parts parts;
        parts.descriptor = cbor::array(items);
        return parts;
    };
    for (const bool patch : {false, true}) {
        const Parts parts = with(patch ? std::vector<Buffer>{in_place, claim} : std::vector<Buffer>{claim});
        const auto package = opened(parts);
        ASSERT_TRUE(package) << error_name(package.error());
        EXPECT_EQ(package->payload.in_place.has_value(), patch);
    }
    const struct {
        const char* what;
        Error error;
        std::vector<Buffer> more;
    } table[] = {
        {"claims before in place", Error::trailing_data, {claim, in_place}},
        {"claims twice", Error::trailing_data, {claim, claim}},
        {"three items more", Error::unsupported, {in_place, claim, claim}},
        {"claims that are no bytes", Error::malformed, {in_place, cbor::item(1)}},
        {"in place twice", Error::malformed, {in_place, in_place}},
    };
    for (const auto& row : table) {
        const auto package = opened(with(row.more));
        ASSERT_FALSE(package) << row.what;
        EXPECT_STREQ(error_name(package.error()), error_name(row.error)) << row.what;
    }
}

// The payload descriptor, number by number.
Buffer descriptor(std::uint64_t format, std::uint64_t ram, std::uint64_t block, std::uint64_t payload,
                  std::size_t first = 16, std::optional<std::size_t> source = {}) {
    return cbor::array({cbor::item(format), cbor::item(ram), cbor::item(block), cbor::item(payload),
                        cbor::bytes(Buffer(first)), source ? cbor::bytes(Buffer(*source)) : cbor::item(nullptr)});
}

TEST(Package, DescriptorIsStrict) {
    check({
        {"raw of another length than the image", Error::image_mismatch,
         [](Parts& p) { p.descriptor = descriptor(0, 0, 1024, 999); }},
        {"lzma", Error::none, [](Parts& p) { p.descriptor = descriptor(1, 8192, 1024, 10); }},
        {"endsley", Error::none, [](Parts& p) { p.descriptor = descriptor(2, 8192, 256, 10, 16, 32); }},
        {"endsley+lzma", Error::none, [](Parts& p) { p.descriptor = descriptor(3, 8192, 4096, 0xFFFFFFFF, 16, 32); }},
        {"raw with a source", Error::malformed, [](Parts& p) { p.descriptor = descriptor(0, 0, 1024, 1000, 16, 32); }},
        {"lzma with a source", Error::malformed, [](Parts& p) { p.descriptor = descriptor(1, 0, 1024, 10, 16, 32); }},
        {"delta without a source", Error::malformed, [](Parts& p) { p.descriptor = descriptor(2, 0, 1024, 10); }},
        {"a format of tomorrow is the policy's matter", Error::none,
         [](Parts& p) { p.descriptor = descriptor(200, 0, 1024, 10); }},
        {"a format beyond a byte", Error::unsupported, [](Parts& p) { p.descriptor = descriptor(256, 0, 1024, 10); }},
        {"block of 255", Error::malformed, [](Parts& p) { p.descriptor = descriptor(1, 0, 255, 10); }},
        {"block of 0", Error::malformed, [](Parts& p) { p.descriptor = descriptor(1, 0, 0, 10); }},
        {"block of 4097", Error::too_large, [](Parts& p) { p.descriptor = descriptor(1, 0, 4097, 10); }},
        {"block of 4 GiB", Error::too_large, [](Parts& p) { p.descriptor = descriptor(1, 0, 0xFFFFFFFF, 10); }},
        {"empty payload", Error::malformed, [](Parts& p) { p.descriptor = descriptor(1, 0, 1024, 0); }},
        {"payload beyond 32 bits", Error::overflow,
         [](Parts& p) { p.descriptor = descriptor(1, 0, 1024, 1ULL << 32); }},
        {"memory beyond 32 bits", Error::overflow,
         [](Parts& p) { p.descriptor = descriptor(1, 1ULL << 40, 1024, 10); }},
        {"digest of 15 bytes", Error::malformed, [](Parts& p) { p.descriptor = descriptor(1, 0, 1024, 10, 15); }},
        {"source of 31 bytes", Error::malformed, [](Parts& p) { p.descriptor = descriptor(2, 0, 1024, 10, 16, 31); }},
        {"source undefined", Error::malformed,
         [](Parts& p) {
             p.descriptor = p.the_descriptor();
             p.descriptor->back() = 0xF7;
         }},
        {"one item more, which is not what a patch in place says", Error::malformed,
         [](Parts& p) {
             p.descriptor = joined({p.the_descriptor(), {0x00}});
             p.descriptor->front() = 0x87;
         }},
        {"bytes behind", Error::trailing_data, [](Parts& p) { p.descriptor = joined({p.the_descriptor(), {0}}); }},
        {"a number in a longer form", Error::non_canonical,
         [](Parts& p) { p.descriptor = replaced(p.the_descriptor(), {0x86, 0x00}, {0x86, 0x18, 0x00}); }},
    });
}

}  // namespace
}  // namespace sb
