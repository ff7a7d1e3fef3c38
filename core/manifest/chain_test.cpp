#include "core/manifest/chain.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "ports/host/openssl_crypto.hpp"
#include "tools/pack/build_package.hpp"

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer payload_of(std::size_t bytes) {
    Buffer p(bytes);
    for (std::size_t i = 0; i < bytes; ++i) p[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
    return p;
}

struct Built {
    Buffer payload;
    pack::Chain chain;
    PayloadDescriptor descriptor;

    Built(std::size_t bytes, std::uint32_t block_bytes)
        : payload(payload_of(bytes)), chain(pack::build_chain(payload, block_bytes)) {
        descriptor.block_bytes = block_bytes;
        descriptor.payload_bytes = static_cast<std::uint32_t>(bytes);
        descriptor.first_block = chain.first;
    }
    [[nodiscard]] std::size_t start_of(std::uint32_t block) const {
        return std::size_t{block} * (descriptor.block_bytes + sizeof(BlockDigest));
    }
};

// Reads the whole chain from a block on; gives the data.
Result<Buffer> read_from(ChainReader chain, Bytes wire) {
    OpensslCrypto crypto;
    Buffer out;
    while (!chain.complete()) {
        const std::size_t take = std::min<std::size_t>(chain.wire_bytes(), wire.size());
        SB_TRY_ASSIGN(const Bytes data, chain.accept(crypto, wire.first(take)));
        out.insert(out.end(), data.begin(), data.end());
        wire = wire.subspan(take);
    }
    if (!wire.empty()) return fail(Error::trailing_data);
    return out;
}

TEST(Chain, GivesThePayloadForEveryLengthAroundABlock) {
    for (const std::size_t bytes : {1U, 255U, 256U, 257U, 511U, 512U, 513U, 768U, 1000U}) {
        const Built built(bytes, 256);
        EXPECT_EQ(built.descriptor.blocks(), (bytes + 255) / 256);
        const Package package{.manifest = {}, .payload = built.descriptor};
        EXPECT_EQ(package.payload.chain_bytes(), built.chain.wire.size());
        const auto read = read_from(ChainReader(built.descriptor, 0, built.descriptor.first_block), built.chain.wire);
        ASSERT_TRUE(read) << bytes;
        EXPECT_EQ(*read, built.payload);
    }
}

TEST(Chain, EmptyPayloadIsCompleteAtOnce) {
    OpensslCrypto crypto;
    ChainReader chain(PayloadDescriptor{.source_digest = {}, .block_bytes = 256}, 0, {});
    EXPECT_TRUE(chain.complete());
    EXPECT_EQ(chain.wire_bytes(), 0U);
    EXPECT_EQ(chain.accept(crypto, {}).error(), Error::trailing_data);
    EXPECT_TRUE(ChainReader().complete());
    EXPECT_EQ(PayloadDescriptor{}.chain_bytes(), 0U);
}

TEST(Chain, GoesOnAtAnyBlockWithTheDigestItHadThere) {
    const Built built(1500, 256);
    OpensslCrypto crypto;
    ChainReader chain(built.descriptor, 0, built.descriptor.first_block);
    while (!chain.complete()) {
        const std::uint32_t block = chain.next_block();
        const auto rest = read_from(ChainReader(built.descriptor, block, chain.expected()),
                                    Bytes(built.chain.wire).subspan(built.start_of(block)));
        ASSERT_TRUE(rest);
        EXPECT_TRUE(equal(*rest, Bytes(built.payload).subspan(block * 256)));
        ASSERT_TRUE(chain.accept(crypto, Bytes(built.chain.wire).subspan(built.start_of(block), chain.wire_bytes())));
    }
    EXPECT_TRUE(ChainReader(built.descriptor, 6, {}).complete());
    EXPECT_TRUE(ChainReader(built.descriptor, 0xFFFFFFFF, {}).complete());
}

TEST(Chain, EveryFlippedBitStopsAtItsBlock) {
    const Built built(600, 256);
    for (std::size_t bit = 0; bit < built.chain.wire.size() * 8; ++bit) {
        Buffer wire = built.chain.wire;
        wire[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        ChainReader chain(built.descriptor, 0, built.descriptor.first_block);
        OpensslCrypto crypto;
        const auto hit = static_cast<std::uint32_t>(bit / 8 / (256 + sizeof(BlockDigest)));
        for (std::uint32_t block = 0; block < hit; ++block)
            ASSERT_TRUE(chain.accept(crypto, Bytes(wire).subspan(built.start_of(block), chain.wire_bytes())));
        const Bytes bad = Bytes(wire).subspan(built.start_of(hit), chain.wire_bytes());
        ASSERT_EQ(chain.accept(crypto, bad).error(), Error::bad_digest) << bit;
        // The same block, right this time, is taken.
        const Bytes good = Bytes(built.chain.wire).subspan(built.start_of(hit), chain.wire_bytes());
        ASSERT_TRUE(chain.accept(crypto, good)) << bit;
    }
}

TEST(Chain, BlocksOfTheWrongLengthAreRefused) {
    const Built built(600, 256);
    OpensslCrypto crypto;
    ChainReader chain(built.descriptor, 0, built.descriptor.first_block);
    const Bytes wire = built.chain.wire;
    EXPECT_EQ(chain.wire_bytes(), 272U);
    EXPECT_EQ(chain.accept(crypto, wire.first(271)).error(), Error::truncated);
    EXPECT_EQ(chain.accept(crypto, {}).error(), Error::truncated);
    EXPECT_EQ(chain.accept(crypto, wire.first(273)).error(), Error::trailing_data);
    EXPECT_EQ(chain.next_block(), 0U);
}

TEST(Chain, BlocksOutOfOrderAreRefused) {
    const Built built(1024, 256);
    OpensslCrypto crypto;
    ChainReader chain(built.descriptor, 0, built.descriptor.first_block);
    EXPECT_EQ(chain.accept(crypto, Bytes(built.chain.wire).subspan(272, 272)).error(), Error::bad_digest);
    ASSERT_TRUE(chain.accept(crypto, Bytes(built.chain.wire).first(272)));
    EXPECT_EQ(chain.accept(crypto, Bytes(built.chain.wire).first(272)).error(), Error::bad_digest) << "twice";
}

TEST(Chain, SizesNearTheEndOfThirtyTwoBitsDoNotWrap) {
    PayloadDescriptor payload;
    payload.block_bytes = 256;
    payload.payload_bytes = 0xFFFFFFFF;
    EXPECT_EQ(payload.blocks(), 0x1000000U);
    const Package package{.manifest = {}, .payload = payload};
    EXPECT_EQ(package.payload.chain_bytes(), 0xFFFFFFFFULL + 0xFFFFFFULL * 16);
    EXPECT_EQ(ChainReader(payload, 0, {}).wire_bytes(), 272U);
    EXPECT_EQ(ChainReader(payload, 0xFFFFFF, {}).wire_bytes(), 255U);
    EXPECT_EQ(ChainReader(payload, 0x1000000, {}).wire_bytes(), 0U);
}

}  // namespace
}  // namespace sb
