#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "core/base/testing.hpp"
#include "core/manifest/package.hpp"
#include "tools/pack/build_package.hpp"
#include "tools/pack/cbor_writer.hpp"
#include "tools/pack/sign_image.hpp"

namespace sb {

namespace {

namespace cbor = pack::cbor;
using Buffer = std::vector<std::uint8_t>;

Buffer delta_envelope() {
    const pack::PrivateKey key = pack::PrivateKey::generate().value();
    const Buffer image = pack::sign_image(Buffer(1000, 7), {.version = {1, 0, 0, 0}}, key).value();
    Buffer package = pack::build_package(image, Buffer(100),
                                         {.device_class = "acme.example/t1",
                                          .format = PayloadFormat::endsley_lzma,
                                          .decoder_ram_bytes = 8192,
                                          .source_digest = Digest{1}},
                                         key)
                         .value();
    package.resize(envelope_bytes(package).value().value());
    return package;
}

TEST(EnvelopeBytes, KnowsTheLengthBeforeTheEndIsHere) {
    const Buffer envelope = delta_envelope();
    Buffer longer = envelope;
    longer.resize(5000, 0x55);
    const auto length = envelope_bytes(longer);
    ASSERT_TRUE(length && *length);
    EXPECT_EQ(**length, envelope.size());
    const auto early = envelope_bytes(Bytes(envelope).first(envelope.size() - 100));
    ASSERT_TRUE(early && *early);
    EXPECT_EQ(**early, envelope.size());
}

TEST(EnvelopeBytes, RefusesAsSoonAsItCannotBeOne) {
    struct Wrong {
        const char* name;
        Buffer start;
        Error error;
    };
    for (const auto& [name, start, error] : std::initializer_list<Wrong>{
             {"an image", {0x3D, 0xB8, 0xF3, 0x96, 0, 0, 0, 0}, Error::malformed},
             {"another tag", {0xD2, 0x84}, Error::malformed},
             {"two members", {0xD8, 0x6B, 0xA2, 0x02, 0x40, 0x03, 0x40}, Error::unsupported},
             {"another first member", {0xD8, 0x6B, 0xA3, 0x03, 0x40, 0, 0, 0, 0}, Error::unsupported},
             {"a member of 64 KiB", {0xD8, 0x6B, 0xA3, 0x02, 0x5A, 0, 1, 0, 0}, Error::too_large},
             {"a member beyond 32 bits", {0xD8, 0x6B, 0xA3, 0x02, 0x5B, 0, 0, 0, 1, 0, 0, 0, 0}, Error::overflow},
             {"a length in a longer form", {0xD8, 0x6B, 0xA3, 0x02, 0x58, 0x01, 0, 0, 0}, Error::non_canonical},
             {"members out of order", {0xD8, 0x6B, 0xA3, 0x02, 0x40, 0x02, 0x40, 0, 0}, Error::duplicate_key},
         }) {
        const auto length = envelope_bytes(start);
        ASSERT_FALSE(length) << name;
        EXPECT_EQ(length.error(), error) << name;
    }
    EXPECT_EQ(envelope_bytes({}).value(), std::nullopt);
}

TEST(EnvelopeBytes, LargestEnvelopeIsTakenAndOneByteMoreIsNot) {
    const auto with_descriptor_of = [](std::size_t bytes) {
        return cbor::tagged(107, cbor::map({{2, cbor::bytes(Buffer(300))},
                                            {3, cbor::bytes(Buffer(300))},
                                            {-256, cbor::bytes(Buffer(bytes))}}));
    };
    const std::size_t overhead = with_descriptor_of(300).size() - 300;
    const Buffer largest = with_descriptor_of(max_envelope_bytes - overhead);
    ASSERT_EQ(largest.size(), max_envelope_bytes);
    EXPECT_EQ(envelope_bytes(largest).value(), max_envelope_bytes);
    EXPECT_EQ(envelope_bytes(with_descriptor_of(max_envelope_bytes - overhead + 1)).error(), Error::too_large);
}

}  // namespace
}  // namespace sb
