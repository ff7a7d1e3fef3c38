#include "tools/diff/vcdiff_parser.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;
using Kind = VcdiffStep::Kind;

VcdiffSteps parse(Bytes old_image, Bytes new_image, const VcdiffPrices& prices, const VcdiffTuning& tuning = {}) {
    const SuffixIndex index(old_image);
    MatchTable matches(index, new_image);
    return VcdiffParser(old_image, new_image, matches)
        .parse({0, new_image.size(), 0, old_image.size()}, prices, tuning);
}

/// What the steps make; empty when they leave gaps.
Buffer made(Bytes old_image, Bytes new_image, const VcdiffSteps& steps) {
    Buffer image;
    for (const VcdiffStep& step : steps) {
        if (step.new_at != image.size()) return {};
        for (std::size_t i = 0; i < step.bytes; ++i) {
            if (step.kind == Kind::copy_old)
                image.push_back(old_image[step.from + i]);
            else
                image.push_back(step.kind == Kind::copy_new
                                    ? image[step.from + i]
                                    : new_image[step.new_at + (step.kind == Kind::run ? 0 : i)]);
        }
    }
    return image;
}

TEST(VcdiffParser, FindsAWayThroughAnyImage) {
    const Pair builds = delta_testing::two_builds(30000, 8);
    const Pair pairs[] = {builds,
                          {builds.new_image, builds.old_image},
                          {{}, builds.new_image},
                          {builds.old_image, {1}},
                          {Buffer(100), Buffer(5000)},
                          {Buffer(5000, 1), Buffer(100)}};
    for (const Pair& pair : pairs) {
        for (const VcdiffPrices& prices : {spelled_prices(), guessed_prices(pair.new_image)}) {
            const VcdiffSteps steps = parse(pair.old_image, pair.new_image, prices);
            EXPECT_EQ(made(pair.old_image, pair.new_image, steps), pair.new_image);
        }
    }
}

TEST(VcdiffParser, CopiesWhatIsEqualAtOnce) {
    const Buffer image = delta_testing::code_like(20000, 3, 0);
    const VcdiffSteps steps = parse(image, image, spelled_prices());
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_EQ(steps[0].kind, Kind::copy_old);
    EXPECT_EQ(steps[0].bytes, image.size());
}

TEST(VcdiffParser, StaysOnItsShiftAcrossAChangedByte) {
    const Buffer old_image = delta_testing::code_like(4000, 3, 0);
    Buffer new_image = old_image;
    new_image[1000] ^= 0x5a;
    const VcdiffSteps steps = parse(old_image, new_image, spelled_prices());
    ASSERT_EQ(steps.size(), 3U);
    EXPECT_EQ(steps[1].kind, Kind::add);
    EXPECT_EQ(steps[1].bytes, 1U);
    EXPECT_EQ(steps[2].from, steps[2].new_at);
}

TEST(VcdiffParser, RunsAndRepeatsWithoutAnOldImage) {
    Buffer new_image = delta_testing::code_like(500, 3, 0);
    const Buffer head(new_image.begin(), new_image.begin() + 300);
    new_image.insert(new_image.end(), 400, 0xee);
    new_image.insert(new_image.end(), head.begin(), head.end());
    const VcdiffSteps steps = parse({}, new_image, spelled_prices());
    EXPECT_EQ(made({}, new_image, steps), new_image);
    const auto longest = [&](Kind kind) {
        std::size_t bytes = 0;
        for (const VcdiffStep& step : steps)
            if (step.kind == kind) bytes = std::max(bytes, step.bytes);
        return bytes;
    };
    EXPECT_GE(longest(Kind::run) + longest(Kind::copy_new), 690U);
    VcdiffTuning no_self;
    no_self.self_copies = false;
    for (const VcdiffStep& step : parse({}, new_image, spelled_prices(), no_self)) EXPECT_NE(step.kind, Kind::copy_new);
}

TEST(VcdiffPrices, CountBytesWhereNothingIsPacked) {
    const VcdiffPrices prices = spelled_prices();
    EXPECT_EQ(prices.add_price(17), 8);
    EXPECT_EQ(prices.add_price(18), 16);
    EXPECT_EQ(prices.copy_price(18, 0), 8);
    EXPECT_EQ(prices.copy_price(4, 3), 0);  // one code for both
    EXPECT_EQ(prices.copy_price(7, 3), 8);
    EXPECT_EQ(prices.copy_price(200, 0), 24);
    EXPECT_EQ(prices.run_price(100, 0), 24);
}

TEST(VcdiffPrices, AreLearntFromWhatIsOften) {
    Buffer image(1000);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i % 8 == 0 ? i : 7);
    const VcdiffSteps steps{{Kind::add, 0, 500, 0}, {Kind::copy_old, 500, 10, 500}, {Kind::copy_old, 510, 490, 510}};
    const VcdiffPrices prices = learnt_prices(image, steps, 100, 5, 4);
    EXPECT_LT(prices.literal[7], prices.literal[8]);
    EXPECT_LT(prices.same_shift, prices.recent_shift);
    EXPECT_LT(prices.recent_shift, prices.new_shift);
    EXPECT_LT(prices.copy[10], prices.copy[11]);
}

}  // namespace
}  // namespace sb::diff
