// Decoding on hosts: segments side by side make what they make in turn.
#include <gtest/gtest.h>

#include "tools/diff/sbd/testing.hpp"

namespace sb::sbd_testing {
namespace {

/// Every segment reads the one before it: the old image has next to nothing of this.
Pair repetitive() {
    Pair pair;
    pair.old_image = delta_testing::code_like(1000, 1, 0);
    const Buffer part = delta_testing::code_like(3000, 2, 0x08000000);
    for (int k = 0; k < 12; ++k) {
        Buffer next = part;
        for (std::size_t i = 0; i < next.size(); i += 97) next[i] = static_cast<std::uint8_t>(next[i] + k);
        pair.new_image.insert(pair.new_image.end(), next.begin(), next.end());
    }
    return pair;
}

diff::SbdOptions in_segments(std::uint32_t bytes) {
    diff::SbdOptions options;
    options.level = 1;
    options.threads = 1;
    options.segment_bytes = bytes;
    return options;
}

TEST(SbdOnHosts, MakesTheSameWithAnyNumberOfThreads) {
    std::vector<Pair> pairs{repetitive(), delta_testing::two_builds(30000, 4)};
    for (const Calls& calls : all_calls) pairs.push_back(moved_calls(calls, 9000, 36, 9));
    for (const Pair& pair : pairs) {
        const Buffer patch = patch_of(pair, in_segments(2048));
        for (const unsigned threads : {1U, 2U, 3U, 8U, 8U, 8U})
            ASSERT_TRUE(diff::decode_sbd(pair.old_image, patch, nullptr, threads).image == pair.new_image) << threads;
        diff::SbdAccount account;
        EXPECT_TRUE(diff::decode_sbd(pair.old_image, patch, &account).image == pair.new_image);
    }
}

TEST(SbdOnHosts, ReadsWhatEarlierSegmentsMake) {
    const Pair pair = repetitive();
    const std::size_t one = patch_of(pair, in_segments(0)).size(), many = patch_of(pair, in_segments(3072)).size();
    EXPECT_LT(many, one * 2) << "each segment tells its part anew: the test above proves nothing";
}

TEST(SbdOnHosts, TellsTheFirstBadSegmentWithAnyNumberOfThreads) {
    const Pair pair = repetitive();
    diff::CodedImage coded = diff::encode_sbd(pair.old_image, pair.new_image, in_segments(2048));
    std::uint64_t first = coded.preamble.size() + 2;
    for (std::size_t k = 0; k < 3; ++k) first += coded.segments[k].size() + (coded.segments[k].size() < 128 ? 1 : 2);
    for (const std::size_t k : {3U, 4U, 9U}) coded.segments[k].resize(coded.segments[k].size() + 200, 0x55);
    const Buffer patch = coded.patch();
    for (const unsigned threads : {1U, 2U, 8U, 8U, 8U}) {
        try {
            static_cast<void>(diff::decode_sbd(pair.old_image, patch, nullptr, threads));
            ADD_FAILURE() << "it is taken";
        } catch (const diff::PatchError& e) {
            EXPECT_EQ(e.error, Error::bad_patch);
            EXPECT_EQ(e.offset_bytes, first);
        }
    }
}

TEST(Sbd, RefusesAZeroAtTheEndOfASegment) {
    const Pair pair = delta_testing::two_builds(6000, 4);
    for (const std::size_t damaged : {0U, 2U}) {  // the last one, and another
        diff::CodedImage coded = diff::encode_sbd(pair.old_image, pair.new_image, in_segments(2048));
        ASSERT_EQ(coded.segments.size(), 3U);
        coded.segments[damaged].push_back(0);
        Error why = Error::none;
        EXPECT_FALSE(on_host(pair.old_image, coded.patch(), &why));
        EXPECT_EQ(why, Error::bad_patch);
        EXPECT_FALSE(on_device(pair.old_image, coded.patch(), pair.new_image.size()));
    }
}

}  // namespace
}  // namespace sb::sbd_testing
