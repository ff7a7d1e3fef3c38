// Packages with a build for each slot.
#include <gtest/gtest.h>

#include "core/manifest/testing.hpp"

namespace sb {
namespace {

namespace cbor = pack::cbor;
using manifest_testing::Buffer;
using manifest_testing::joined;
using manifest_testing::Parts;
using manifest_testing::replaced;
using pack::test_key;

// What is tried for a slot, part by part.
struct SlotSequence {
    unsigned slot = 0;
    Buffer digest = cbor::bytes(cbor::array({cbor::item(-16), cbor::bytes(Digest{})}));
    Buffer size = cbor::item(1000);
    Buffer condition = cbor::item(5);
    std::optional<Buffer> parameters{};

    [[nodiscard]] Buffer encoded() const {
        const Buffer override_with = parameters.value_or(cbor::map({{3, digest}, {5, cbor::item(slot)}, {14, size}}));
        return cbor::bytes(cbor::array({cbor::item(20), override_with, condition, cbor::item(15)}));
    }
};

Buffer description(std::uint64_t format, std::uint64_t payload, std::uint64_t block = 1024) {
    return cbor::array({cbor::item(format), cbor::item(0), cbor::item(block), cbor::item(payload),
                        cbor::bytes(Buffer(16, 3)), cbor::item(nullptr)});
}

struct SlotParts {
    SlotSequence a{.slot = 0}, b{.slot = 1};
    std::optional<Buffer> sequences{}, sequence{};
    Buffer common =
        cbor::map({{1, cbor::bytes(Buffer(16, 0xAA))}, {2, cbor::bytes(Buffer(16, 0xBB))}, {-256, cbor::item(7)}});
    Buffer descriptor = cbor::array({description(0, 1000), description(1, 300, 256)});

    [[nodiscard]] Parts parts() const {
        const Buffer report = cbor::item(15);
        Parts parts;
        parts.sequence = sequence.value_or(
            cbor::array({cbor::item(20), common, cbor::item(1), report, cbor::item(2), report, cbor::item(15),
                         sequences.value_or(cbor::array({a.encoded(), b.encoded()}))}));
        parts.descriptor = descriptor;
        return parts;
    }
    [[nodiscard]] Result<Package> open(std::uint32_t slot) const {
        TrustingCrypto crypto;
        const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
        return open_package(parts().envelope(), crypto, ring, slot);
    }
};

TEST(SlotBuilds, EachSlotIsGivenItsOwn) {
    SlotParts p;
    p.b.size = cbor::item(1200);
    p.b.digest = cbor::bytes(cbor::array({cbor::item(-16), cbor::bytes(Digest{8})}));
    const Package a = p.open(0).value(), b = p.open(1).value();
    EXPECT_EQ(a.manifest.image_bytes, 1000U);
    EXPECT_EQ(b.manifest.image_bytes, 1200U);
    EXPECT_EQ(a.manifest.image_digest, Digest{});
    EXPECT_EQ(b.manifest.image_digest, Digest{8});
    for (const Package* each : {&a, &b}) {
        EXPECT_TRUE(each->build_per_slot);
        EXPECT_EQ(each->manifest.security_counter, 7U);
        EXPECT_EQ(each->manifest.device_class[0], 0xBB);
        EXPECT_EQ(each->manifest.sequence, 5U);
        EXPECT_EQ(each->chains_bytes, 1000U + 300 + 16);
    }
    EXPECT_EQ(a.payload.format, PayloadFormat::raw);
    EXPECT_EQ(b.payload.format, PayloadFormat::lzma);
    EXPECT_EQ(a.chain_from, 0U);
    EXPECT_EQ(b.chain_from, 1000U);
    EXPECT_EQ(b.payload.blocks(), 2U);
}

TEST(SlotBuilds, OneBuildIsForEitherSlot) {
    TrustingCrypto crypto;
    const TrustedKey ring[] = {pack::trusted(test_key().public_key())};
    const Buffer envelope = Parts{}.envelope();
    for (const std::uint32_t slot : {0U, 1U}) {
        const Package package = open_package(envelope, crypto, ring, slot).value();
        EXPECT_FALSE(package.build_per_slot);
        EXPECT_EQ(package.manifest.image_bytes, 1000U);
        EXPECT_EQ(package.payload.payload_bytes, 1000U);
        EXPECT_EQ(package.chain_from, 0U);
        EXPECT_EQ(package.chains_bytes, 1000U);
    }
}

struct SlotCase {
    const char* name;
    Error expected;
    void (*change)(SlotParts&);
};

TEST(SlotBuilds, AreStrictWhicheverSlotIsAskedFor) {
    const SlotCase cases[] = {
        {"as the builder makes them", Error::none, [](SlotParts&) {}},
        {"slot B is missing", Error::unsupported, [](SlotParts& p) { p.sequences = cbor::array({p.a.encoded()}); }},
        {"slot A twice", Error::unsupported, [](SlotParts& p) { p.b.slot = 0; }},
        {"slot B twice", Error::unsupported, [](SlotParts& p) { p.a.slot = 1; }},
        {"slot B first", Error::unsupported, [](SlotParts& p) { std::swap(p.a, p.b); }},
        {"slot out of range", Error::unsupported, [](SlotParts& p) { p.b.slot = 2; }},
        {"a third slot", Error::unsupported,
         [](SlotParts& p) {
             p.sequences = cbor::array({p.a.encoded(), p.b.encoded(), SlotSequence{.slot = 2}.encoded()});
         }},
        {"an empty last resort", Error::malformed,
         [](SlotParts& p) { p.sequences = cbor::array({p.a.encoded(), cbor::item(nullptr)}); }},
        {"a sequence that is no byte string", Error::malformed,
         [](SlotParts& p) { p.sequences = cbor::array({p.a.encoded(), cbor::array({})}); }},
        {"an empty sequence", Error::truncated,
         [](SlotParts& p) { p.sequences = cbor::array({p.a.encoded(), cbor::bytes({})}); }},
        {"another directive in its place", Error::unsupported,
         [](SlotParts& p) {
             p.sequence = replaced(*p.parts().sequence, {0x02, 0x0F, 0x0F, 0x82}, {0x02, 0x0F, 0x0E, 0x82});
         }},
        {"no slot named", Error::unsupported,
         [](SlotParts& p) { p.b.parameters = cbor::map({{3, p.b.digest}, {14, p.b.size}}); }},
        {"a slot of another form", Error::non_canonical,
         [](SlotParts& p) { p.b.parameters = joined({{0xA3, 0x03}, p.b.digest, {0x05, 0x18, 0x01, 0x0E}, p.b.size}); }},
        {"the slot before the digest", Error::unsupported,
         [](SlotParts& p) { p.b.parameters = joined({{0xA3, 0x05, 0x01, 0x03}, p.b.digest, {0x0E}, p.b.size}); }},
        {"a parameter twice", Error::duplicate_key,
         [](SlotParts& p) {
             p.b.parameters = joined({{0xA3, 0x03}, p.b.digest, {0x03}, p.b.digest, {0x0E}, p.b.size});
         }},
        {"a security counter of its own", Error::unsupported,
         [](SlotParts& p) {
             p.b.parameters = cbor::map({{3, p.b.digest}, {5, cbor::item(1)}, {14, p.b.size}, {-256, cbor::item(8)}});
         }},
        {"another condition", Error::unsupported, [](SlotParts& p) { p.b.condition = cbor::item(3); }},
        {"an image of no bytes", Error::malformed, [](SlotParts& p) { p.b.size = cbor::item(0); }},
        {"an image beyond 32 bits", Error::overflow, [](SlotParts& p) { p.b.size = cbor::item(1ULL << 32); }},
        {"SHA-512", Error::unsupported,
         [](SlotParts& p) { p.b.digest = cbor::bytes(cbor::array({cbor::item(-44), cbor::bytes(Digest{})})); }},
        {"the counter is missing", Error::unsupported,
         [](SlotParts& p) {
             p.common = cbor::map({{1, cbor::bytes(Buffer(16))}, {2, cbor::bytes(Buffer(16))}, {14, cbor::item(5)}});
         }},
        {"an image besides the builds", Error::unsupported,
         [](SlotParts& p) {
             p.common = cbor::map({{1, cbor::bytes(Buffer(16))},
                                   {2, cbor::bytes(Buffer(16))},
                                   {3, p.a.digest},
                                   {14, p.a.size},
                                   {-256, cbor::item(7)}});
         }},
        {"one payload for two builds", Error::unsupported, [](SlotParts& p) { p.descriptor = description(0, 1000); }},
        {"a payload for one of two builds", Error::unsupported,
         [](SlotParts& p) { p.descriptor = cbor::array({description(0, 1000)}); }},
        {"a payload too many", Error::unsupported,
         [](SlotParts& p) {
             p.descriptor = cbor::array({description(0, 1000), description(0, 1000), description(0, 1000)});
         }},
        {"bytes behind the payloads", Error::trailing_data,
         [](SlotParts& p) { p.descriptor = joined({p.descriptor, {0x00}}); }},
        {"raw of another length than the image", Error::image_mismatch,
         [](SlotParts& p) { p.descriptor = cbor::array({description(0, 1000), description(0, 999)}); }},
        {"raw of another length than slot A's image", Error::image_mismatch,
         [](SlotParts& p) { p.descriptor = cbor::array({description(0, 999), description(1, 300)}); }},
        {"a payload of blocks too small", Error::malformed,
         [](SlotParts& p) { p.descriptor = cbor::array({description(0, 1000), description(1, 300, 255)}); }},
    };
    for (const auto& [name, expected, change] : cases) {
        SlotParts parts;
        change(parts);
        for (const std::uint32_t slot : {0U, 1U}) {
            const Result<Package> opened = parts.open(slot);
            EXPECT_EQ(opened ? Error::none : opened.error(), expected) << name << ", slot " << slot;
        }
    }
}

}  // namespace
}  // namespace sb
