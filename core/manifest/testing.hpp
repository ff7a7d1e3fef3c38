// core/manifest: what its tests share: an envelope put together from parts, any of which can be wrong.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "core/manifest/labels.hpp"
#include "core/manifest/package.hpp"
#include "ports/host/trusting_crypto.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/testing.hpp"

namespace sb::manifest_testing {

namespace cbor = pack::cbor;
using pack::test_key;
using Buffer = std::vector<std::uint8_t>;

inline Error open_with(Crypto& crypto, Bytes envelope, const PublicKey& key) {
    const TrustedKey ring[] = {pack::trusted(key)};
    const auto package = open_package(envelope, crypto, ring);
    return package ? Error::none : package.error();
}

// An envelope put together from parts, any of which can be replaced.
struct Parts {
    Buffer uuid = Buffer(16, 0xAA);
    Buffer digest_item = cbor::array({cbor::item(-16), cbor::bytes(Digest{})});
    Buffer report = cbor::item(15);

    Buffer parameters = cbor::map({{1, cbor::bytes(uuid)},
                                   {2, cbor::bytes(uuid)},
                                   {3, cbor::bytes(digest_item)},
                                   {14, cbor::item(1000)},
                                   {-256, cbor::item(7)}});
    std::optional<Buffer> sequence, common, validate, manifest, descriptor, frame, auth, manifest_block,
        descriptor_block, digest;
    Buffer components = cbor::array({cbor::array({cbor::bytes(Buffer{0})})});
    Buffer sequence_number = cbor::item(5);
    Buffer kid = [] {
        const Digest hash = pack::trusted(test_key().public_key()).hash;
        return Buffer(hash.begin(), hash.begin() + 8);
    }();

    [[nodiscard]] Buffer the_sequence() const {
        return sequence.value_or(
            cbor::array({cbor::item(20), parameters, cbor::item(1), report, cbor::item(2), report}));
    }
    [[nodiscard]] Buffer the_common() const {
        return common.value_or(cbor::map({{2, components}, {4, cbor::bytes(the_sequence())}}));
    }
    [[nodiscard]] Buffer the_manifest() const {
        return manifest.value_or(
            cbor::map({{1, cbor::item(1)},
                       {2, sequence_number},
                       {3, cbor::bytes(the_common())},
                       {7, cbor::bytes(validate.value_or(cbor::array({cbor::item(3), report})))}}));
    }
    [[nodiscard]] Buffer block(const Buffer& payload) const {
        return cbor::tagged(18, cbor::array({cbor::bytes(cose::es256_header), cbor::map({{4, cbor::bytes(kid)}}),
                                             payload, cbor::bytes(Buffer(64, 1))}));
    }
    [[nodiscard]] Buffer the_descriptor() const {
        return descriptor.value_or(cbor::array({cbor::item(0), cbor::item(0), cbor::item(1024), cbor::item(1000),
                                                cbor::bytes(Buffer(16, 3)), cbor::item(nullptr)}));
    }
    [[nodiscard]] Buffer the_digest() const {
        TrustingCrypto crypto;
        return digest.value_or(
            cbor::array({cbor::item(-16), cbor::bytes(sha256(crypto, cbor::bytes(the_manifest())))}));
    }
    [[nodiscard]] Buffer the_auth() const {
        return auth.value_or(
            cbor::array({cbor::bytes(the_digest()), cbor::bytes(manifest_block.value_or(block(cbor::item(nullptr))))}));
    }
    [[nodiscard]] Buffer envelope() const {
        return frame.value_or(cbor::tagged(
            107, cbor::map({{2, cbor::bytes(the_auth())},
                            {3, cbor::bytes(the_manifest())},
                            {-256, cbor::bytes(descriptor_block.value_or(block(cbor::bytes(the_descriptor()))))}})));
    }
    [[nodiscard]] Error open() const {
        TrustingCrypto crypto;
        return open_with(crypto, envelope(), test_key().public_key());
    }
};

// `whole` with the first place where `from` stands holding `to`.
inline Buffer replaced(Buffer whole, const Buffer& from, const Buffer& to) {
    const auto at = std::search(whole.begin(), whole.end(), from.begin(), from.end());
    EXPECT_NE(at, whole.end());
    const auto next = whole.erase(at, at + static_cast<std::ptrdiff_t>(from.size()));
    whole.insert(next, to.begin(), to.end());
    return whole;
}

inline Buffer joined(std::initializer_list<Buffer> parts) {
    Buffer out;
    for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

}  // namespace sb::manifest_testing
