// Patches of sbd, made, decoded by the host and by a device, and broken. What they weigh is bounded, not told.
#include <gtest/gtest.h>

#include "tools/diff/sbd/testing.hpp"
#include "tools/diff/testing.hpp"

namespace sb::sbd_testing {
namespace {

using diff::SbdOptions;

/// Both make `image` of the patch.
void expect_image(const Pair& pair, Bytes patch) {
    Error why = Error::none;
    const auto host = on_host(pair.old_image, patch, &why);
    ASSERT_TRUE(host.has_value()) << static_cast<int>(why);
    EXPECT_TRUE(*host == pair.new_image);
    const auto device = on_device(pair.old_image, patch, pair.new_image.size());
    ASSERT_TRUE(device.has_value());
    EXPECT_TRUE(*device == pair.new_image);
}

/// Neither makes the image, and they agree: a device leaves the digest to others.
void expect_refusal_or_another_image(const Pair& pair, Bytes patch) {
    Error why = Error::none;
    const auto host = on_host(pair.old_image, patch, &why);
    const auto device = on_device(pair.old_image, patch, pair.new_image.size());
    if (host) {
        ASSERT_TRUE(*host == pair.new_image) << "a digest of 32 bits that fits another image";
        ASSERT_TRUE(!device || *device == *host);
        return;
    }
    ASSERT_NE(why, Error::none);
    if (device) {
        ASSERT_EQ(why, Error::wrong_source);
        ASSERT_EQ(device->size(), pair.new_image.size());
    }
}

Buffer cut(const Buffer& from, std::size_t bytes) {
    return {from.begin(), from.begin() + static_cast<std::ptrdiff_t>(bytes)};
}

SbdOptions plain(unsigned level = 1) {
    SbdOptions options;
    options.level = level;
    options.threads = 1;
    return options;
}

std::vector<Pair> unlike_pairs() {
    const Pair builds = delta_testing::two_builds(3000, 8);
    std::vector<Pair> pairs = delta_testing::awkward_pairs(builds);
    pairs.push_back(builds);
    pairs.push_back({builds.old_image, cut(builds.new_image, 1000)});
    pairs.push_back({cut(builds.old_image, 1000), builds.new_image});
    return pairs;
}

TEST(Sbd, GivesTheNewImageBackOfEveryPair) {
    for (const Pair& pair : unlike_pairs()) {
        SCOPED_TRACE(testing::Message() << pair.old_image.size() << " to " << pair.new_image.size());
        const Buffer patch = patch_of(pair, plain());
        EXPECT_LE(patch.size(), pair.new_image.size() + 24) << "larger than the image itself";
        expect_image(pair, patch);
    }
}

TEST(Sbd, GivesTheNewImageBackAtEveryLevelAndBudget) {
    const Pair pair = moved_calls(all_calls[0], 6000, 68, 3);
    for (const unsigned level : {1U, 3U, 6U, 9U}) {
        for (const Budget budget : all_budgets) {
            SbdOptions options = options_for(pair, Architecture::thumb);
            options.level = level;
            options.budget = budget;
            SCOPED_TRACE(testing::Message() << "level " << level << ", budget " << sbd::budget_bytes(budget));
            expect_image(pair, patch_of(pair, options));
        }
    }
}

TEST(Sbd, GivesTheNewImageBackInSegmentsAndBlocks) {
    const Pair pair = delta_testing::two_builds(70000, 4);
    SbdOptions options = plain();
    for (const std::uint32_t segment : {1024U, 5000U, 16384U, 65536U, 0U}) {
        for (const std::uint32_t block : {0U, 32U}) {
            if (block != 0 && segment > 5000) continue;
            options.segment_bytes = segment;
            code_in_blocks(options, block);
            SCOPED_TRACE(testing::Message() << "segments of " << segment << ", blocks of " << block);
            expect_image(pair, patch_of(pair, options));
        }
    }
}

TEST(Sbd, IsInSegmentsOf64KOnceTheImageHas128K) {
    const Buffer image = delta_testing::code_like(128 * 1024, 1, 0);
    const auto segments = [&](std::size_t bytes) {
        const Buffer patch = diff::encode_sbd(image, Bytes(image).first(bytes), plain()).patch();
        return diff::open_sbd(patch).segments.size();
    };
    EXPECT_EQ(segments(image.size()), 2U);
    EXPECT_EQ(segments(image.size() - 1), 1U);
}

TEST(Sbd, IsMuchSmallerWhereCallsAreRewritten) {
    for (const Calls& calls : all_calls) {
        // calls to absolute addresses all change alike, which needs no rewriting to be guessed
        if (calls.architecture == Architecture::avr) continue;
        SCOPED_TRACE(calls.name);
        const Pair pair = moved_calls(calls, 12000, 36, 9);
        ASSERT_FALSE(pair.new_image.empty());
        const Buffer blind = patch_of(pair, options_for(pair, Architecture::none));
        const Buffer patch = patch_of(pair, options_for(pair, calls.architecture, calls.base));
        EXPECT_LT(patch.size() * 10, blind.size() * 7);
        expect_image(pair, patch);
    }
}

/// Parts that move by different distances, with calls from each to all: a map of them is worth its bytes.
Pair parts_that_call_each_other() {
    constexpr std::uint32_t part = 1200, parts = 20, every = 8;
    delta_testing::Random random(7);
    Pair pair;
    for (std::uint32_t i = 0; i < part * parts; ++i)
        pair.old_image.push_back(static_cast<std::uint8_t>(random() % 200));
    const auto moved = [](std::uint32_t at) { return at + (at / part + 1) * (at / part + 2) * 8; };
    pair.new_image.resize(moved(part * parts - 1) + 1, 0x55);
    for (std::uint32_t at = 0; at < part * parts; ++at) pair.new_image[moved(at)] = pair.old_image[at];
    for (std::uint32_t at = 16; at + every < part * parts; at += every * 2) {
        const std::uint32_t target = random() % (part * parts / 4) * 4;
        EXPECT_TRUE(put_call(all_calls[0], pair.old_image, at, target));
        EXPECT_TRUE(put_call(all_calls[0], pair.new_image, moved(at), moved(target)));
    }
    return pair;
}

TEST(Sbd, TellsFewerBlocksWhereItsPreambleMustBeShort) {
    const Pair pair = parts_that_call_each_other();
    SbdOptions options = options_for(pair, all_calls[0].architecture, all_calls[0].base);
    const diff::CodedImage free = diff::encode_sbd(pair.old_image, pair.new_image, options);
    constexpr std::size_t bare = 40;
    ASSERT_GT(free.preamble.size(), bare);
    for (std::size_t limit = free.preamble.size(); limit >= bare; limit -= 7) {
        options.preamble_bytes = static_cast<std::uint32_t>(limit);
        const diff::CodedImage made = diff::encode_sbd(pair.old_image, pair.new_image, options);
        EXPECT_LE(made.preamble.size(), limit);
        EXPECT_GE(made.bytes(), free.bytes());
        expect_image(pair, made.patch());
    }
}

TEST(Sbd, IsTheSameEachTimeWithAnyNumberOfThreads) {
    const Pair pair = delta_testing::two_builds(20000, 4);
    for (const unsigned level : {1U, 6U}) {
        SbdOptions options = plain(level);
        options.segment_bytes = 4096;
        const Buffer alone = patch_of(pair, options);
        EXPECT_TRUE(patch_of(pair, options) == alone);
        options.threads = 2;
        EXPECT_TRUE(patch_of(pair, options) == alone);
    }
}

TEST(Sbd, IsStoredWhereNothingIsWon) {
    Buffer noise(4000);
    Random random(3);
    for (auto& b : noise) b = static_cast<std::uint8_t>(random());
    const Pair pair{{1, 2, 3}, noise};
    const Buffer patch = patch_of(pair, plain());
    EXPECT_NE(diff::open_sbd(patch).prepared.plan.flags & sbd::stored, 0);
    expect_image(pair, patch);
    EXPECT_EQ(on_host({}, patch), noise) << "a stored image needs no old one";
}

TEST(Sbd, RefusesAnotherOldImage) {
    const Pair pair = delta_testing::two_builds(2000, 8);
    const Buffer patch = patch_of(pair, plain());
    Buffer other = pair.old_image;
    other[1000] ^= 1;
    Error why = Error::none;
    EXPECT_FALSE(on_host(other, patch, &why));
    EXPECT_EQ(why, Error::wrong_source);
    other = pair.old_image;
    other.pop_back();
    EXPECT_FALSE(on_host(other, patch, &why));
    EXPECT_EQ(why, Error::wrong_source);
    EXPECT_FALSE(on_device(other, patch, pair.new_image.size())) << "it is too short";
}

/// Twenty small patches, of all architectures, budgets, with segments and without.
std::vector<std::pair<Pair, Buffer>> twenty_patches() {
    std::vector<std::pair<Pair, Buffer>> made;
    for (unsigned i = 0; i < 20; ++i) {
        const Calls& calls = all_calls[i % all_calls.size()];
        Pair pair =
            i % 7 == 6 ? delta_testing::two_builds(500, i) : moved_calls(calls, i % 3 == 1 ? 1050 : 400 + i, 36, i);
        SbdOptions options = options_for(pair, calls.architecture, calls.base);
        options.budget = all_budgets[i % 4];
        options.segment_bytes = i % 3 == 1 ? 1024 : 0;
        code_in_blocks(options, i % 5 == 2 ? 32 : 0);
        Buffer patch = patch_of(pair, options);
        made.emplace_back(std::move(pair), std::move(patch));
    }
    return made;
}

TEST(Sbd, IsRefusedWhereverItIsCut) {
    for (const auto& [pair, patch] : twenty_patches()) {
        SCOPED_TRACE(testing::Message() << "flags " << int{diff::open_sbd(patch).prepared.plan.flags});
        for (std::size_t kept = 0; kept < patch.size(); ++kept) {
            expect_refusal_or_another_image(pair, Bytes(patch).first(kept));
            if (HasFatalFailure()) FAIL() << kept << " of " << patch.size() << " bytes";
        }
        Buffer longer = patch;  // by more than what a decoder reads ahead
        longer.resize(patch.size() + 64, 0xa5);
        EXPECT_FALSE(on_host(pair.old_image, longer));
        expect_refusal_or_another_image(pair, longer);
    }
}

TEST(Sbd, IsRefusedOrMakesAnotherImageWhateverBitIsFlipped) {
    for (auto [pair, patch] : twenty_patches()) {
        for (std::size_t bit = 0; bit < patch.size() * 8; ++bit) {
            auto& byte = patch[bit / 8];
            byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
            expect_refusal_or_another_image(pair, patch);
            if (HasFatalFailure()) FAIL() << "bit " << bit;
            byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
        }
    }
}

TEST(Sbd, ReportsProgressThatOnlyGrows) {
    const Pair pair = delta_testing::two_builds(5000, 4);
    SbdOptions options = plain();
    std::vector<double> seen;
    options.progress = [&](double fraction) { seen.push_back(fraction); };
    static_cast<void>(patch_of(pair, options));
    ASSERT_FALSE(seen.empty());
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_LE(seen.back(), 1.0);
}

}  // namespace
}  // namespace sb::sbd_testing
