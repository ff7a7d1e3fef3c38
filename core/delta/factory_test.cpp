#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb {
namespace {

class Factory : public ::testing::Test {
protected:
    Result<Decoder*> make(std::span<const DecoderEntry> known) { return make_decoder(known, setup, storage); }

    MemoryReader old_image{Bytes{}};
    alignas(8) std::array<std::uint8_t, 8192> memory{};
    DecoderStorage storage;
    DecoderSetup setup{PayloadFormat::endsley_lzma, 100, decoder_ram_bytes(PayloadFormat::endsley_lzma, 4096),
                       &old_image, memory};
};

TEST_F(Factory, MakesWhatTheTableNames) {
    EXPECT_TRUE(make(all_decoders).has_value());
}

TEST_F(Factory, RefusesWhatTheTableLacks) {
    constexpr DecoderEntry few[] = {raw_decoder, lzma_decoder};
    EXPECT_EQ(make(few).error(), Error::no_decoder);
    EXPECT_EQ(make({}).error(), Error::no_decoder);
}

TEST_F(Factory, RefusesWhatNeedsMoreMemory) {
    setup.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::endsley_lzma, 8192);
    EXPECT_EQ(make(all_decoders).error(), Error::no_decoder);
}

TEST_F(Factory, RefusesMisusedMemory) {
    setup.work = MutableBytes(memory).subspan(1);
    EXPECT_EQ(make(all_decoders).error(), Error::bad_state);
    setup.work = memory;
    setup.old_image = nullptr;
    EXPECT_EQ(make(all_decoders).error(), Error::bad_state);
    setup.format = PayloadFormat::lzma;
    EXPECT_TRUE(make(all_decoders).has_value());
}

TEST_F(Factory, HoldsADecoderToTheMemoryThatItsPackageAnnounced) {
    const std::array<std::uint8_t, 5> eight_k{'S', 'B', 'L', 'Z', 0x1d};
    setup.format = PayloadFormat::lzma;
    ASSERT_GE(memory.size(), setup.decoder_ram_bytes);
    Decoder* const decoder = *make(all_decoders);
    EXPECT_EQ(decoder->decode(eight_k, {}).error(), Error::too_large);
}

TEST(DecoderRam, IsModelAndDictionary) {
    EXPECT_EQ(decoder_ram_bytes(PayloadFormat::raw, 4096), 0U);
    EXPECT_EQ(decoder_ram_bytes(PayloadFormat::endsley, 4096), 0U);
    EXPECT_EQ(decoder_ram_bytes(PayloadFormat::hpatchlite, 4096), 4096U);
    EXPECT_EQ(decoder_ram_bytes(PayloadFormat::hdiffsf, 4096), 4096U);
    EXPECT_EQ(decoder_ram_bytes(PayloadFormat::lzma, 4096), 3552U + 4096U);
    EXPECT_EQ(decoder_ram_bytes(PayloadFormat::endsley_lzma, 16384), 3552U + 16384U);
}

}  // namespace
}  // namespace sb
