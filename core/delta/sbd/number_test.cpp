#include "core/delta/sbd/number.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/delta/sbd/range_decoder.hpp"
#include "tools/diff/sbd/range_encoder.hpp"

namespace sb::sbd::number_test {
namespace {

/// Decodes with what is needed always at hand.
class Decoder : public WantsNothing {
public:
    explicit Decoder(Bytes packed) : left_(packed) { decoder_.begin(static_cast<std::uint32_t>(packed.size())); }
    bool bit(std::uint32_t p) {
        left_ = left_.subspan(decoder_.feed(left_));
        if (!started_) decoder_.start();
        started_ = true;
        return decoder_.bit(p);
    }

private:
    Bytes left_;
    RangeDecoder decoder_;
    bool started_ = false;
};

std::vector<std::uint32_t> numbers() {
    std::vector<std::uint32_t> made{0, 1, 2, 3, 0x7ffffffe};
    for (std::uint32_t bits = 2; bits < 31; ++bits)
        for (const std::uint32_t more : {0U, 1U, 0xffffffffU}) made.push_back((1U << bits) + more);
    std::mt19937 random(4);
    for (int i = 0; i < 2000; ++i) made.push_back(static_cast<std::uint32_t>(random()) >> (1 + random() % 31));
    return made;
}

TEST(NumberModel, GivesNumbersBack) {
    diff::RangeEncoder encoder;
    NumberModel model{};
    for (const std::uint32_t n : numbers()) ASSERT_EQ(model.code(encoder, n), n);
    const auto packed = encoder.finish();
    Decoder decoder(packed);
    NumberModel again{};
    for (const std::uint32_t n : numbers()) ASSERT_EQ(again.code(decoder, 0), n);
}

TEST(NumberModel, GivesNumbersWithASignBack) {
    std::vector<std::int32_t> wanted;
    for (const std::uint32_t n : numbers()) {
        wanted.push_back(static_cast<std::int32_t>(n));
        wanted.push_back(-static_cast<std::int32_t>(n));
    }
    diff::RangeEncoder encoder;
    NumberModel model{};
    for (const std::int32_t n : wanted) ASSERT_EQ(model.code_signed(encoder, n), n);
    const auto packed = encoder.finish();
    Decoder decoder(packed);
    NumberModel again{};
    for (const std::int32_t n : wanted) ASSERT_EQ(again.code_signed(decoder, 0), n);
}

TEST(NumberModel, LearnsWhatIsUsual) {
    diff::RangeEncoder encoder;
    NumberModel model{};
    for (int i = 0; i < 1000; ++i) static_cast<void>(model.code(encoder, 5));
    EXPECT_LT(encoder.finish().size(), 60U);
}

TEST(NumberModel, IsDefinedForAnyInput) {
    std::mt19937 random(6);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::uint8_t> noise(200);
        for (auto& b : noise) b = static_cast<std::uint8_t>(round % 3 == 0 ? 0xff : random());
        Decoder decoder(noise);
        NumberModel model{};
        for (int i = 0; i < 50; ++i) {
            static_cast<void>(model.code(decoder, 0));
            static_cast<void>(model.code_signed(decoder, 0));
        }
    }
}

}  // namespace
}  // namespace sb::sbd::number_test
