// The fast form of sbd, made, decoded and broken. What patches weigh is bounded, not told.
#include <gtest/gtest.h>

#include <numeric>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/codec_zstd.hpp"
#include "tools/diff/sbd/fast_decoder.hpp"
#include "tools/diff/sbd/fast_encoder.hpp"
#include "tools/diff/sbd/fast_header.hpp"
#include "tools/diff/sbd/fast_pages.hpp"
#include "tools/diff/sbd/testing.hpp"
#include "tools/diff/sbd/varints.hpp"
#include "tools/diff/testing.hpp"

namespace sb::sbd_testing {
namespace {

using diff::FastPart;
using diff::MapBlock;
using diff::Reading;

Buffer fast_patch(const Pair& pair, unsigned level = 3, unsigned threads = 1) {
    return diff::encode_fast(pair.old_image, pair.new_image, {.level = level, .threads = threads});
}

Buffer fast_patch(const Pair& pair, Architecture architecture, std::uint32_t base) {
    return diff::encode_fast(pair.old_image, pair.new_image,
                             {.description = options_for(pair, architecture, base).description});
}

/// The error, or none and the image.
Error applied(Bytes old_image, Bytes patch, Buffer* image = nullptr) {
    MemoryReader old_reader(old_image), patch_reader(patch);
    diff::BufferSink out;
    try {
        diff::apply_fast(old_reader, patch_reader, out);
    } catch (const diff::PatchError& e) {
        return e.error;
    }
    if (image != nullptr) *image = out.made;
    return Error::none;
}

void expect_image(const Pair& pair, Bytes patch) {
    Buffer image;
    ASSERT_EQ(applied(pair.old_image, patch, &image), Error::none);
    EXPECT_TRUE(image == pair.new_image);
}

TEST(SbdFast, GivesTheNewImageBackOfEveryPair) {
    for (const Pair& pair : delta_testing::awkward_pairs(delta_testing::two_builds(40000, 8))) {
        SCOPED_TRACE(testing::Message() << pair.old_image.size() << " to " << pair.new_image.size());
        for (const unsigned level : {1U, 2U, 3U, 4U, 9U}) {
            const Buffer patch = fast_patch(pair, level);
            EXPECT_LE(patch.size(), pair.new_image.size() + 200) << "larger than the image itself";
            expect_image(pair, patch);
        }
    }
}

TEST(SbdFast, GivesTheNewImageBackWhereItIsMadeInManyPieces) {
    expect_image(delta_testing::two_builds(700000, 3), fast_patch(delta_testing::two_builds(700000, 3), 2));
}

TEST(SbdFast, IsMuchSmallerWhereCallsAreRewritten) {
    for (const Calls& calls : all_calls) {
        if (calls.architecture == Architecture::avr) continue;  // all calls change alike
        SCOPED_TRACE(calls.name);
        const Pair pair = moved_calls(calls, 120000, 36, 9);
        ASSERT_FALSE(pair.new_image.empty());
        const Buffer blind = fast_patch(pair, Architecture::none, 0);
        // not at 0, where each small number would be an address
        const Buffer patch = fast_patch(pair, calls.architecture, calls.base != 0 ? calls.base : 0x08000000);
        EXPECT_LT(patch.size() * 2, blind.size());
        expect_image(pair, patch);
        expect_image(pair, blind);
    }
}

TEST(SbdFast, IsTheSameEachTimeWithAnyNumberOfThreads) {
    const Pair pair = delta_testing::two_builds(60000, 4);
    const Buffer alone = fast_patch(pair);
    EXPECT_TRUE(fast_patch(pair) == alone);
    EXPECT_TRUE(fast_patch(pair, 3, 2) == alone);
}

/// Two images that begin with a table, whose words name each 64th place of the rest, every `step`th after the other; in
/// the new one that rest begins later. Requires: `words` a power of two, `step` odd.
template <class Word>
Pair with_table(std::uint32_t words, std::uint32_t step, Word word) {
    constexpr std::uint32_t added = 256;
    Random random(11);
    Pair pair;
    pair.old_image.resize(std::size_t{words} * 4);
    for (std::uint32_t i = 0; i < words * 64; ++i) pair.old_image.push_back(static_cast<std::uint8_t>(random()));
    pair.new_image = pair.old_image;
    pair.new_image.insert(pair.new_image.begin() + std::ptrdiff_t{words} * 4, added, 0x5a);
    for (std::uint32_t i = 0; i < words; ++i) {
        const std::uint32_t target = words * 4 + i * step % words * 64;
        store_le(MutableBytes(pair.old_image), std::size_t{i} * 4, word(target, i * 4));
        store_le(MutableBytes(pair.new_image), std::size_t{i} * 4, word(target + added, i * 4));
    }
    return pair;
}

TEST(SbdFast, RewritesTablesOfOffsetsAndOfDistances) {
    constexpr std::uint32_t words = 4096;
    const Pair offsets = with_table(words, 1, [](std::uint32_t target, std::uint32_t) { return target; });
    const Pair distances =
        with_table(words, 1001, [](std::uint32_t target, std::uint32_t place) { return target - place; });
    EXPECT_EQ(diff::pages_by_content(offsets.old_image)[1], Reading::offsets);
    EXPECT_EQ(diff::pages_by_content(distances.old_image)[1], Reading::distances);
    for (const Pair* const pair : {&offsets, &distances}) {
        const Buffer patch = fast_patch(*pair, Architecture::none, 0);
        EXPECT_LT(patch.size(), 600U) << "a word in seven is told";
        expect_image(*pair, patch);
    }
}

TEST(SbdFast, ReadsNoLargePiecesOfTheOldImage) {
    class Watched final : public Reader {
    public:
        explicit Watched(Bytes image) : image_(image) {}
        [[nodiscard]] std::uint32_t bytes() const override { return image_.bytes(); }
        [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
            largest = std::max(largest, out.size());
            return image_.read(offset, out);
        }
        std::size_t largest = 0;

    private:
        MemoryReader image_;
    };
    const Pair pair = moved_calls(all_calls[1], 400000, 36, 9);
    const Buffer patch = fast_patch(pair, Architecture::a64, 0);
    Watched old_reader(pair.old_image), patch_reader(patch);
    diff::BufferSink out;
    diff::apply_fast(old_reader, patch_reader, out);
    EXPECT_TRUE(out.made == pair.new_image);
    EXPECT_LE(old_reader.largest, 128U << 10);
    EXPECT_LE(patch_reader.largest, 128U << 10);
}

TEST(SbdFast, IsExplained) {
    const Pair pair = delta_testing::two_builds(60000, 4);
    const Buffer patch = fast_patch(pair);
    const auto info = diff::inspect_patch(patch);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->format, "sbd-fast");
    EXPECT_FALSE(info->payload.has_value());
    EXPECT_EQ(info->old_bytes, pair.old_image.size());
    EXPECT_EQ(info->new_bytes, pair.new_image.size());
    EXPECT_EQ(info->covered_bytes() + info->extra_bytes, pair.new_image.size());
    const auto packed =
        std::accumulate(info->blocks.begin(), info->blocks.end(), std::uint64_t{0},
                        [](auto sum, const diff::PatchBlock& block) { return sum + block.packed_bytes; });
    EXPECT_EQ(packed, patch.size());
}

TEST(SbdFast, IsNothingForADevice) {
    const Buffer patch = fast_patch(delta_testing::two_builds(3000, 4));
    const auto preamble = sbd::preamble_bytes(patch);
    ASSERT_FALSE(preamble.has_value());
    EXPECT_EQ(preamble.error(), Error::unsupported);
    EXPECT_THROW(static_cast<void>(diff::sbd_preamble_bytes(patch)), diff::PatchError);
}

TEST(SbdFast, RefusesAnotherOldImage) {
    Pair pair = delta_testing::two_builds(3000, 4);
    const Buffer patch = fast_patch(pair);
    pair.old_image[1700] ^= 1;
    EXPECT_EQ(applied(pair.old_image, patch), Error::wrong_source);
    pair.old_image.push_back(0);
    EXPECT_EQ(applied(pair.old_image, patch), Error::wrong_source);
}

TEST(SbdFast, EndsInAnErrorWhereverItIsCut) {
    const Pair pair = delta_testing::two_builds(3000, 4);
    const Buffer patch = fast_patch(pair);
    for (std::size_t bytes = 0; bytes < patch.size(); ++bytes) {
        EXPECT_NE(applied(pair.old_image, Bytes(patch).first(bytes)), Error::none) << bytes;
        if (diff::is_patch(Bytes(patch).first(bytes))) {
            EXPECT_THROW(static_cast<void>(diff::inspect_patch(Bytes(patch).first(bytes))), diff::PatchError) << bytes;
        }
    }
}

TEST(SbdFast, EndsInAnErrorOrTheImageWhateverBitIsChanged) {
    for (const unsigned level : {3U, 4U}) {
        const Pair pair = moved_calls(all_calls[level], 3000, 36, 2);
        Buffer patch = fast_patch(pair, level);
        for (std::size_t bit = 0; bit < patch.size() * 8; ++bit) {
            patch[bit / 8] = static_cast<std::uint8_t>(patch[bit / 8] ^ 1U << bit % 8);
            Buffer image;
            if (applied(pair.old_image, patch, &image) == Error::none) {
                EXPECT_TRUE(image == pair.new_image) << bit;
            }
            patch[bit / 8] = static_cast<std::uint8_t>(patch[bit / 8] ^ 1U << bit % 8);
        }
        diff_testing::expect_an_image_or_an_error(pair, patch);
    }
}

/// A patch from parts that are not packed yet, all of an image of `image_bytes` to one of as many.
struct Loose {
    std::uint32_t image_bytes = 1000;
    std::array<Buffer, diff::fast_parts> parts;
    diff::FastCounts counts{};

    Buffer& part(FastPart which) { return parts[static_cast<std::size_t>(which)]; }
    void cover(std::uint32_t gap, std::uint32_t bytes, std::uint32_t diagonal) {
        diff::append_varint(part(FastPart::gaps), gap);
        diff::append_varint(part(FastPart::lengths), bytes);
        diff::append_varint(part(FastPart::diagonals), diff::folded(diagonal));
        ++counts.covers;
    }
    [[nodiscard]] Buffer patch(int window_log2 = diff::fast_window_log2) const {
        sbd::Plan plan;
        plan.budget = Budget::k32;
        plan.ground.spaces.image_bytes = {image_bytes, image_bytes};
        OpensslCrypto crypto;
        const Digest digest = sha256(crypto, Buffer(image_bytes));
        std::copy_n(digest.begin(), plan.old_digest.size(), plan.old_digest.begin());
        plan.new_digest = plan.old_digest;
        std::array<diff::PackedPart, diff::fast_parts> packed;
        for (std::size_t k = 0; k < packed.size(); ++k) packed[k].bytes = diff::pack_zstd(parts[k], {1, window_log2});
        return diff::write_fast_patch(plan, counts, packed);
    }
};

/// The same image again: one cover.
Loose same_again(std::uint32_t image_bytes) {
    Loose loose{.image_bytes = image_bytes, .parts = {}};
    loose.cover(0, image_bytes, 0);
    loose.part(FastPart::pages).assign(diff::pages_of(image_bytes), 0);
    loose.part(FastPart::types) = {0};
    return loose;
}

TEST(SbdFast, RefusesWhatLiesOutsideOfTheImages) {
    const Buffer image(1000);
    ASSERT_EQ(applied(image, same_again(1000).patch()), Error::none);
    struct Case {
        const char* name;
        Error error;
        void (*spoil)(Loose& loose);
    };
    const Case cases[] = {
        {"covers longer than the image", Error::bad_patch, [](Loose& l) { l.cover(0, 1, 0); }},
        {"a gap behind the image", Error::bad_patch, [](Loose& l) { l.cover(0xffffffff, 0, 0); }},
        {"before the old image", Error::bad_patch, [](Loose& l) { l.part(FastPart::diagonals) = {1}; }},
        {"behind the old image", Error::bad_patch, [](Loose& l) { l.part(FastPart::diagonals) = {2}; }},
        {"a cover too few", Error::trailing_data, [](Loose& l) { --l.counts.covers; }},
        {"a cover too many", Error::truncated, [](Loose& l) { ++l.counts.covers; }},
        {"more covers than a decoder takes", Error::too_large, [](Loose& l) { l.counts.covers = 1U << 30; }},
        {"an unknown reading", Error::bad_patch, [](Loose& l) { l.part(FastPart::pages) = {5}; }},
        {"a page too many", Error::trailing_data, [](Loose& l) { l.part(FastPart::pages).push_back(0); }},
        {"no pages", Error::truncated, [](Loose& l) { l.part(FastPart::pages).clear(); }},
        {"extra bytes that nobody needs", Error::trailing_data, [](Loose& l) { l.part(FastPart::extra) = {1}; }},
        {"a fix behind the image", Error::bad_patch,
         [](Loose& l) {
             l.counts.fixes = 1;
             diff::append_varint(l.part(FastPart::distances), 1000);
             l.part(FastPart::fixes) = {1};
         }},
        {"a fix that is not there", Error::truncated,
         [](Loose& l) {
             l.counts.fixes = 1;
             l.part(FastPart::distances) = {1};
         }},
        {"a fix that makes another image", Error::bad_digest,
         [](Loose& l) {
             l.counts.fixes = 1;
             l.part(FastPart::distances) = {1};
             l.part(FastPart::fixes) = {1};
         }},
    };
    for (const Case& one : cases) {
        Loose loose = same_again(1000);
        one.spoil(loose);
        EXPECT_EQ(applied(image, loose.patch()), one.error) << one.name;
    }
}

TEST(SbdFast, RefusesWindowsThatTakeMoreMemory) {
    constexpr std::uint32_t bytes = 3U << 20;
    Loose loose{.image_bytes = bytes, .parts = {}};
    Random random(1);
    for (std::uint32_t i = 0; i < bytes; ++i) loose.part(FastPart::extra).push_back(0);
    loose.part(FastPart::pages).assign(diff::pages_of(bytes), 0);
    loose.part(FastPart::types) = {0};
    EXPECT_EQ(applied(Buffer(bytes), loose.patch()), Error::none);
    EXPECT_EQ(applied(Buffer(bytes), loose.patch(22)), Error::malformed);
}

TEST(SbdFast, IsWhatLowLevelsMakeOfLargeImagesForHosts) {
    struct Case {
        const char* name;
        std::size_t image_bytes;
        diff::DiffOptions options;
        bool fast;
    };
    constexpr std::size_t large = std::size_t{1} << 20;
    const Case cases[] = {{"level 3", large, {.level = 3}, true},
                          {"level 1", large, {.level = 1}, true},
                          {"a smaller image", large - 1, {.level = 1}, false},
                          {"for linux", 5000, {.speed = "linux", .level = 3}, true},
                          {"for linux, level 4", 5000, {.speed = "linux", .level = 4}, false},
                          {"level 4, a few MB", large, {.level = 4}, false},
                          {"level 9, many MB", 4 * large, {.level = 9}, true},
                          {"many MB", 4 * large, {}, true},
                          {"many MB for a decoder's memory", 4 * large, {.ram_bytes = 4096, .level = 1}, false},
                          {"for a decoder's memory", large, {.ram_bytes = 4096, .level = 1}, false},
                          {"in segments", large, {.segment_bytes = 65536, .level = 1}, false},
                          {"for a small part", large, {.speed = "m0", .level = 1}, false}};
    for (const Case& one : cases) {
        const Buffer image(one.image_bytes, 7);
        const diff::Patch patch = diff::make_patch(image, image, one.options);
        EXPECT_EQ(diff::format_of_patch(patch.bytes), one.fast ? "sbd-fast" : "sbd") << one.name;
        EXPECT_EQ(patch.payload.has_value(), !one.fast) << one.name;
    }
    EXPECT_THROW(static_cast<void>(diff::make_patch({}, {}, {.ram_bytes = 4096, .speed = "linux", .level = 1})),
                 diff::OptionError);
}

}  // namespace
}  // namespace sb::sbd_testing
