// The range coder's two sides; and how much of its input one step of the model can take.
#include "core/delta/sbd/range_decoder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/delta/sbd/number.hpp"
#include "core/delta/sbd/testing.hpp"
#include "tools/diff/sbd/range_encoder.hpp"

namespace sb::sbd_testing::range_decoder_test {
namespace {

using sbd::RangeDecoder;

struct Bit {
    std::uint32_t p;
    bool value;
};

Buffer coded(const std::vector<Bit>& bits) {
    diff::RangeEncoder encoder;
    for (const Bit& bit : bits) encoder.bit(bit.p, bit.value);
    return encoder.finish();
}

/// Reads the bits back, fed by at most `piece` bytes at a time whenever it is not ready.
void expect_bits(const Buffer& packed, const std::vector<Bit>& bits, std::size_t piece) {
    RangeDecoder decoder;
    decoder.begin(static_cast<std::uint32_t>(packed.size()));
    Bytes left(packed);
    for (std::size_t i = 0; i < bits.size(); ++i) {
        while (!decoder.ready()) left = left.subspan(decoder.feed(left.first(std::min(piece, left.size()))));
        if (i == 0) decoder.start();
        ASSERT_EQ(decoder.bit(bits[i].p), bits[i].value) << "bit " << i;
    }
    ASSERT_TRUE(left.empty());
    EXPECT_TRUE(decoder.used_up());
}

std::vector<Bit> random_bits(std::uint32_t seed, std::size_t count, bool likely) {
    Random random(seed);
    std::vector<Bit> bits;
    while (bits.size() < count) {
        std::uint32_t p = 1 + random() % 65535;
        if (random() % 3 == 0) p = random() % 2 == 0 ? 4 : 65532;
        const bool value = random() % 65536 < p;
        bits.push_back({p, likely ? value : random() % 16 == 0 ? !value : value});
    }
    return bits;
}

TEST(RangeCoder, GivesBitsBackWhateverTheirProbabilities) {
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        const std::vector<Bit> bits = random_bits(seed, 1 + seed * 13, seed % 2 == 0);
        for (const std::size_t piece : {1U, 7U, 1000U}) expect_bits(coded(bits), bits, piece);
    }
}

TEST(RangeCoder, CarriesThroughManyBytes) {
    // unlikely ones push the lower end up to just below a carry; the last bit decides
    for (const bool last : {false, true}) {
        for (int length = 1; length < 60; ++length) {
            std::vector<Bit> bits;
            for (int i = 0; i < length; ++i) bits.push_back({4, true});
            for (int i = 0; i < 200; ++i) bits.push_back({65532, true});
            bits.push_back({32768, last});
            expect_bits(coded(bits), bits, 3);
        }
    }
}

TEST(RangeCoder, LeavesOutWhatADecoderReadsAsZero) {
    EXPECT_TRUE(coded({}).empty());
    EXPECT_TRUE(coded({{65536 - 4, false}}).size() <= 3);
    const std::vector<Bit> zeros(400, Bit{32768, false});
    EXPECT_TRUE(coded(zeros).empty()) << "the code is zero all along";
    expect_bits({}, zeros, 1);
}

TEST(RangeCoder, SpendsWhatTheProbabilitiesSay) {
    Random random(5);
    std::vector<Bit> bits;
    double cost = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::uint32_t p = 2000 + random() % 61000;
        const bool value = random() % 65536 < p;
        cost += 16 - std::log2(static_cast<double>(value ? p : 65536 - p));
        bits.push_back({p, value});
    }
    EXPECT_NEAR(static_cast<double>(coded(bits).size()), cost / 8, cost / 8 * 0.002 + 4);
}

TEST(RangeDecoder, NeverTakesMoreThanItsSegment) {
    RangeDecoder decoder;
    decoder.begin(3);
    const Buffer more(100, 0x55);
    EXPECT_EQ(decoder.feed(more), 3U);
    EXPECT_EQ(decoder.feed(more), 0U);
    EXPECT_TRUE(decoder.fed());
    EXPECT_TRUE(decoder.ready());
    decoder.start();
    for (int i = 0; i < 2000; ++i) static_cast<void>(decoder.bit(32768));  // zeros behind the end
    EXPECT_TRUE(decoder.used_up());
}

TEST(RangeDecoder, IsNotUsedUpWhileBytesAreLeft) {
    RangeDecoder decoder;
    decoder.begin(20);
    const Buffer bytes(20, 0x55);
    static_cast<void>(decoder.feed(bytes));
    decoder.start();
    static_cast<void>(decoder.bit(32768));
    EXPECT_FALSE(decoder.used_up());
}

/// Counts what a step of the model takes of the input. It lets the model be sure of itself, and then answers what is
/// least likely.
class Costly : public sbd::WantsNothing {
public:
    explicit Costly(std::uint32_t seed) : random_(seed) {}
    void begin_step() {
        if (left_ == 0) {
            hostile_ = !hostile_;
            left_ = hostile_ ? 1 + random_() % 3 : 1 + random_() % 400;
            odd_ = hostile_ ? random_() % 8 : 64;
        }
        --left_;
    }
    bool bit(std::uint32_t p) {
        const bool surprise = hostile_ && random_() % 8 >= odd_ % 3;
        const bool bit = (p >= 32768) != surprise;
        const std::uint32_t bound = (range_ >> 16) * (65536 - p);
        range_ = bit ? range_ - bound : bound;
        while (range_ < 1U << 24) {
            range_ <<= 8;
            ++bytes_;
        }
        return bit;
    }
    [[nodiscard]] std::size_t take() { return std::exchange(bytes_, 0); }

private:
    std::mt19937 random_;
    bool hostile_ = true;
    std::uint64_t left_ = 0;
    std::uint64_t odd_ = 0;
    std::uint32_t range_ = 0xffffffff;
    std::size_t bytes_ = 4;
};

TEST(Model, TakesNoMoreInAStepThanADecoderHolds) {
    Random random(8);
    Buffer old_image(2000), new_image(1500);
    for (auto& b : old_image) b = static_cast<std::uint8_t>(random());
    std::size_t worst = 0;
    for (std::uint32_t round = 0; round < 60; ++round) {
        const Calls& calls = all_calls[round % all_calls.size()];
        const Loaded loaded(calls.base, 2000);
        sbd::Ground ground{calls.architecture, loaded.spaces};
        ground.spaces.image_bytes = {2000, 1500};
        std::vector<sbd::History> hits(500), bytes(500);
        std::array<std::uint32_t, 48> keys{}, moved{};
        const std::array<sbd::MapBlock, 2> blocks{{{0, 100, 300}, {700, 900, 100}}};
        sbd::Tables tables{hits, bytes,
                           sbd::AddressMap(sbd::LearnedKeys(keys.data(), moved.data(), 48), sbd::BlockMap(blocks))};
        sbd::Pace pace{};
        pace.block_bytes = round % 2 == 0 ? 8U : 0U;
        sbd::MemorySource source{Bytes(old_image), MutableBytes(new_image)};
        Costly coder(round);
        sbd::Model<Costly, sbd::MemorySource, sbd::AllFields> model(coder, source, ground, tables, pace);
        // the first step of a segment takes the coder's first bytes and where the pointer stands besides
        model.begin_segment(round % 2 == 0 ? 0 : 500, 0);
        for (std::uint32_t at = model.new_at(); at < 1500; ++at) {
            coder.begin_step();
            static_cast<void>(model.code());
            worst = std::max(worst, coder.take());
        }
    }
    std::printf("             %zu bytes at most\n", worst);
    EXPECT_LE(worst, RangeDecoder::most_bytes_a_step);
    EXPECT_GE(worst, 5U) << "the stream was not hostile";
}

}  // namespace
}  // namespace sb::sbd_testing::range_decoder_test
