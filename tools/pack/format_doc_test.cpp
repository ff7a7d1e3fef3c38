// The dumps in docs/format.md are what they say: read by the same code that reads files.
#include <gtest/gtest.h>

#include <sstream>

#include "core/image/image.hpp"
#include "core/manifest/chain.hpp"
#include "core/manifest/labels.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "ports/host/trusting_crypto.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/keys.hpp"

namespace sb::pack {
namespace {

using Buffer = std::vector<std::uint8_t>;
using test_support::read_file;

// The lines of the fenced block called `name`.
std::vector<std::string> block(const std::string& name) {
    const Buffer bytes = read_file(std::filesystem::path(SB_SOURCE_DIR) / "docs" / "format.md");
    std::istringstream in(std::string(bytes.begin(), bytes.end()));
    std::vector<std::string> lines;
    std::string line;
    while (std::getline(in, line) && line != "```" + name) {
    }
    while (std::getline(in, line) && line != "```") lines.push_back(line);
    return lines;
}

// "0000  d8 6b ; comment", or "0193  c5 * 256 ; comment".
Buffer dump(const std::string& name) {
    Buffer out;
    for (const std::string& line : block(name)) {
        std::istringstream words(line.substr(0, line.find(';')));
        std::string word;
        words >> word;
        EXPECT_EQ(std::stoul(word, nullptr, 16), out.size()) << line;
        while (words >> word) {
            if (word == "*") {
                std::size_t times = 0;
                words >> times;
                out.resize(out.size() + times - 1, out.back());
            } else {
                out.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
            }
        }
    }
    return out;
}

TrustedKey key() {
    PublicKey point{};
    std::size_t at = 0;
    for (const std::string& line : block("key")) {
        for (std::size_t i = 0; i + 1 < line.size(); i += 2)
            point.at(at++) = static_cast<std::uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16));
    }
    return trusted(point);
}

TEST(FormatDoc, DumpsAreAnImageAndAPackageThatMakesIt) {
    OpensslCrypto crypto;
    const TrustedKey ring[] = {key()};
    const Buffer image = dump("image");
    MemoryReader reader(image);
    std::array<std::uint8_t, 64> scratch{};
    const auto verified = verify_image(reader, crypto, ring, scratch);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->info.total_bytes, image.size());
    EXPECT_EQ(verified->info.version, (Version{1, 2, 3, 4}));
    EXPECT_EQ(verified->info.security_counter, 5U);

    const Buffer file = dump("package");
    const auto length = envelope_bytes(file);
    ASSERT_TRUE(length && *length);
    const auto package = open_package(Bytes(file).first(**length), crypto, ring);
    ASSERT_TRUE(package);
    EXPECT_EQ(package->manifest.image_digest, verified->digest);
    EXPECT_EQ(package->manifest.sequence, verified->info.version.sequence());
    EXPECT_EQ(package->payload.format, PayloadFormat::endsley_lzma);

    ChainReader chain(package->payload, 0, package->payload.first_block);
    Bytes wire = Bytes(file).subspan(**length);
    while (!chain.complete()) {
        ASSERT_GE(wire.size(), chain.wire_bytes());
        const std::uint32_t bytes = chain.wire_bytes();
        ASSERT_TRUE(chain.accept(crypto, wire.first(bytes)));
        wire = wire.subspan(bytes);
    }
    EXPECT_TRUE(wire.empty());
}

// An envelope around a manifest and a descriptor; its signatures are nobody's.
Buffer framed(const Buffer& manifest, const Buffer& descriptor) {
    TrustingCrypto crypto;
    const auto sign1 = [](const Buffer& payload) {
        const Digest hash = key().hash;
        const Buffer kid(hash.begin(), hash.begin() + cose::kid_bytes);
        return cbor::bytes(cbor::tagged(
            cose::tag_sign1,
            cbor::array({cbor::bytes(cose::es256_header), cbor::map({{cose::header_kid, cbor::bytes(kid)}}), payload,
                         cbor::bytes(Buffer(sizeof(Signature)))})));
    };
    const Buffer digest = cbor::array({cbor::item(-16), cbor::bytes(sha256(crypto, cbor::bytes(manifest)))});
    const Buffer authentication = cbor::array({cbor::bytes(digest), sign1(cbor::item(nullptr))});
    return cbor::tagged(suit::tag_envelope, cbor::map({{suit::authentication, cbor::bytes(authentication)},
                                                       {suit::manifest, cbor::bytes(manifest)},
                                                       {suit::payload_descriptor, sign1(cbor::bytes(descriptor))}}));
}

TEST(FormatDoc, DumpsAreManifestAndDescriptorOfBuildsForTwoSlots) {
    TrustingCrypto crypto;
    const TrustedKey ring[] = {key()};
    const Buffer envelope = framed(dump("slot-manifest"), dump("slot-descriptor"));
    const auto builds = open_builds(envelope, crypto, ring);
    ASSERT_TRUE(builds);
    ASSERT_EQ(builds->size(), 2U);
    const Package &a = (*builds)[0], &b = (*builds)[1];
    EXPECT_EQ(a.manifest.security_counter, 5U);
    EXPECT_EQ(a.manifest.sequence, (Version{1, 2, 3, 4}).sequence());
    EXPECT_EQ(a.manifest.image_digest[0], 0x1c);
    EXPECT_EQ(b.manifest.image_digest[0], 0x16);
    EXPECT_EQ(a.payload.source_digest->at(0), 0xc9);
    EXPECT_EQ(b.payload.source_digest->at(0), 0x49);
    EXPECT_EQ(b.payload.format, PayloadFormat::endsley);
    EXPECT_EQ(b.chain_from, 251U);
}

}  // namespace
}  // namespace sb::pack
