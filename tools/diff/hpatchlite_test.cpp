#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tests/support/shared_files.hpp"
#include "tools/diff/codec_lzma.hpp"
#include "tools/diff/hpatchlite_covers.hpp"
#include "tools/diff/hpatchlite_splice.hpp"
#include "tools/diff/hpatchlite_writer.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;
using delta_testing::two_builds;
using test_support::read_file;

DiffOptions options(std::string compress, std::uint32_t ram_bytes = 0) {
    DiffOptions o;
    o.format = "hpatchlite";
    o.compress = std::move(compress);
    o.ram_bytes = ram_bytes;
    return o;
}

/// The same patch, its stream packed with LZMA.
Buffer with_lzma(const Buffer& plain_patch, std::size_t new_bytes) {
    HpatchliteHeader header;
    for (std::size_t at = 0; !header.whole(); ++at) EXPECT_EQ(header.take(plain_patch[at]), Error::none);
    const Bytes stream = Bytes(plain_patch).subspan(header.bytes());
    Buffer patch = hpatchlite_header(HpatchliteCompression::lzma, new_bytes, stream.size());
    const Buffer packed = pack_lzma(stream, LzmaKind::lzma1, Effort::one_setting);
    patch.insert(patch.end(), packed.begin(), packed.end());
    return patch;
}

Error error_of(const Pair& pair, const Buffer& patch) {
    try {
        EXPECT_NE(apply_patch(pair.old_image, patch), pair.new_image);
    } catch (const PatchError& e) {
        EXPECT_LE(e.offset_bytes, patch.size());
        return e.error;
    }
    return Error::none;
}

TEST(HpatchliteFormat, GivesTheNewImage) {
    const Pair builds = two_builds(12000, 21);
    std::vector<Pair> pairs = delta_testing::awkward_pairs(builds);
    pairs.push_back(builds);
    for (const Pair& pair : pairs) {
        for (const char* const compress : {"tuz", "none"}) {
            const Patch patch = make_patch(pair.old_image, pair.new_image, options(compress));
            EXPECT_EQ(apply_patch(pair.old_image, patch.bytes), pair.new_image);
            const auto info = inspect_patch(patch.bytes);
            ASSERT_TRUE(info.has_value());
            EXPECT_EQ(info->format, patch.format);
            EXPECT_EQ(info->payload, PayloadFormat::hpatchlite);
            EXPECT_EQ(info->decoder_ram_bytes, patch.decoder_ram_bytes);
            EXPECT_EQ(info->covered_bytes() + info->extra_bytes, pair.new_image.size());
        }
        const Buffer plain = make_patch(pair.old_image, pair.new_image, options("none")).bytes;
        const Buffer lzma = with_lzma(plain, pair.new_image.size());
        EXPECT_EQ(apply_patch(pair.old_image, lzma), pair.new_image);
        EXPECT_EQ(inspect_patch(lzma)->format, "hpatchlite+lzma");
        EXPECT_FALSE(inspect_patch(lzma)->payload.has_value());
    }
}

TEST(HpatchliteFormat, KeepsToTheDictionaryThatItMayUse) {
    const Pair pair = two_builds(9500, 21);
    std::size_t smaller = ~std::size_t{0};
    for (const std::uint32_t ram : {1024U, 2048U, 8192U}) {
        const Patch patch = make_patch(pair.old_image, pair.new_image, options("tuz", ram));
        EXPECT_LE(patch.decoder_ram_bytes, ram);
        EXPECT_GT(patch.decoder_ram_bytes, ram / 2);
        EXPECT_LT(patch.bytes.size(), smaller);
        smaller = patch.bytes.size();
    }
    EXPECT_LE(make_patch(pair.old_image, pair.new_image, options("tuz")).bytes.size(), smaller);
    EXPECT_THROW((void)make_patch(pair.old_image, pair.new_image, options("tuz", 1U << 31)), OptionError);
    EXPECT_EQ(make_patch(pair.old_image, pair.new_image, options("none")).decoder_ram_bytes, 0U);
}

TEST(HpatchliteFormat, IsMuchSmallerThanTheImage) {
    const Pair pair = two_builds(20000, 21);
    EXPECT_LT(make_patch(pair.old_image, pair.new_image, options("tuz")).bytes.size() * 4, pair.new_image.size());
    EXPECT_LT(make_patch(pair.old_image, pair.new_image, options("none")).bytes.size() * 3 / 2, pair.new_image.size());
}

TEST(HpatchliteFormat, CutAnywhereIsAnError) {
    const Pair pair = two_builds(3000, 2);
    const Buffer plain = make_patch(pair.old_image, pair.new_image, options("none")).bytes;
    for (const Buffer& patch : {plain, make_patch(pair.old_image, pair.new_image, options("tuz")).bytes,
                                with_lzma(plain, pair.new_image.size())}) {
        for (std::size_t kept = 0; kept < patch.size(); ++kept) {
            const Buffer cut(patch.begin(), patch.begin() + static_cast<std::ptrdiff_t>(kept));
            EXPECT_NE(error_of(pair, cut), Error::none) << kept << " of " << patch.size();
            try {
                EXPECT_FALSE(inspect_patch(cut).has_value()) << kept << " of " << patch.size();
            } catch (const PatchError& e) {
                EXPECT_NE(e.error, Error::none);
            }
        }
        Buffer longer = patch;
        longer.push_back(0);
        EXPECT_NE(error_of(pair, longer), Error::none);
    }
}

TEST(HpatchliteFormat, NeverEndsOtherThanInAnImageOrAnErrorWhateverByteIsChanged) {
    const Pair pair = two_builds(1000, 2);
    const Buffer plain = make_patch(pair.old_image, pair.new_image, options("none")).bytes;
    for (const Buffer& patch : {plain, make_patch(pair.old_image, pair.new_image, options("tuz")).bytes,
                                with_lzma(plain, pair.new_image.size())})
        diff_testing::expect_an_image_or_an_error(pair, patch);
}

TEST(HpatchliteFormat, SaysWhatItDoesNotRead) {
    const Pair pair = two_builds(1000, 2);
    Buffer patch = make_patch(pair.old_image, pair.new_image, options("tuz")).bytes;
    patch[2] = 2;
    EXPECT_EQ(error_of(pair, patch), Error::unsupported);
    // a dictionary of 1 GiB for a stream of nearly 4 GiB
    const Buffer huge{'h', 'I', 1, 0x61, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x40, 0};
    EXPECT_EQ(error_of(pair, huge), Error::too_large);
}

TEST(HpatchliteFormat, IsReadPatchedInPlaceOrNot) {
    const Pair pair = two_builds(3000, 2);
    const Buffer patch = make_patch(pair.old_image, pair.new_image, options("tuz")).bytes;
    HpatchliteHeader header;
    for (std::size_t at = 0; !header.whole(); ++at) ASSERT_EQ(header.take(patch[at]), Error::none);
    // version 2: the width of another size, and that size behind the two others
    Buffer in_place = patch;
    in_place[3] = static_cast<std::uint8_t>((in_place[3] & 0x3f) | 0x80);
    in_place.insert(in_place.begin() + header.bytes() - 4, {0x34, 0x12});
    in_place.insert(in_place.begin() + 4, 2);
    EXPECT_EQ(apply_patch(pair.old_image, in_place), pair.new_image);
    EXPECT_EQ(inspect_patch(in_place)->covers.size(), inspect_patch(patch)->covers.size());
}

TEST(HpatchliteCovers, LieInBothImagesInOrder) {
    const Pair pair = two_builds(30000, 7);
    const SuffixIndex index(pair.old_image);
    MatchTable matches(index, pair.new_image);
    const std::vector<float> carried(pair.new_image.size(), 8);
    CoverPrices prices;
    for (auto& row : prices.changed) row.fill(14);
    const Covers covers = cheapest_covers(pair.old_image, pair.new_image, matches, carried, prices);
    ASSERT_GT(covers.size(), 3U);
    std::size_t end = 0, equal_bytes = 0, bytes = 0;
    for (const Cover& cover : covers) {
        EXPECT_GE(cover.new_at, end);
        end = cover.new_end();
        ASSERT_LE(cover.old_end(), pair.old_image.size());
        for (std::size_t i = 0; i < cover.bytes; ++i)
            equal_bytes += pair.old_image[cover.old_at + i] == pair.new_image[cover.new_at + i];
        bytes += cover.bytes;
    }
    EXPECT_LE(end, pair.new_image.size());
    EXPECT_GT(bytes * 10, pair.new_image.size() * 8);
    EXPECT_GT(equal_bytes * 10, bytes * 8);
}

TEST(HpatchliteCovers, LearnWhatChangesCost) {
    // one cover, whose byte 7 differs by 5: an item that makes all of it, for 40 bits
    Buffer stream{1, 10, 0, 0};
    stream.resize(14);
    stream[4 + 7] = 5;
    const Covers covers{{0, 0, 10}};
    const CoverText text[] = {{1, 4, 4, 14}};
    const TinyuzItem items[] = {{4, 36}, {10, 40}};
    const std::vector<float> carried(10, 8);
    const CoverPrices prices = learn_prices(stream, covers, text, items, carried);
    EXPECT_GT(prices.changed[0][5], prices.changed[0][6]);  // dearer than those that were not seen
    EXPECT_LT(prices.changed[0][5], 40);
    EXPECT_EQ(prices.changed[1][5], prices.changed[1][6]);
    EXPECT_EQ(prices.place_byte, 9);
}

PricedCovers priced(Bytes old_image, Bytes new_image, const Covers& covers) {
    std::vector<CoverText> texts;
    std::vector<TinyuzItem> items;
    (void)write_tinyuz(write_hpatchlite(old_image, new_image, covers, &texts), 4096, &items);
    return {covers, texts, items};
}

TEST(HpatchliteSplice, TakesTheCheaperStretches) {
    // each list is poor in one half: it covers it with what does not look alike
    delta_testing::Random random(9);
    Buffer old_image(4000);
    for (auto& b : old_image) b = static_cast<std::uint8_t>(random());
    Buffer new_image = old_image;
    new_image[1900] ^= 1;
    const Covers good_first{{0, 0, 2500}, {2500, 0, 1500}};
    const Covers good_last{{0, 1000, 1500}, {1500, 1500, 2500}};
    const Covers spliced = splice(priced(old_image, new_image, good_first), priced(old_image, new_image, good_last));
    EXPECT_EQ(spliced, (Covers{{0, 0, 4000}}));
    EXPECT_EQ(splice(priced(old_image, new_image, good_last), priced(old_image, new_image, good_first)), spliced);
    EXPECT_EQ(splice(priced(old_image, new_image, good_last), priced(old_image, new_image, good_last)), good_last);
}

TEST(HpatchliteSplice, GivesCoversInOrderInsideOfBothImages) {
    const Pair pair = two_builds(20000, 13);
    const SuffixIndex index(pair.old_image);
    MatchTable matches(index, pair.new_image);
    const auto found = [&](std::size_t better_by) {
        return priced(pair.old_image, pair.new_image,
                      find_covers(pair.old_image, pair.new_image, matches, {better_by}));
    };
    for (const std::size_t a : {2U, 4U, 16U}) {
        for (const std::size_t b : {3U, 8U, 30U}) {
            std::size_t end = 0;
            for (const Cover& cover : splice(found(a), found(b))) {
                EXPECT_GE(cover.new_at, end);
                EXPECT_GT(cover.bytes, 0U);
                EXPECT_LE(cover.old_end(), pair.old_image.size());
                end = cover.new_end();
            }
            EXPECT_LE(end, pair.new_image.size());
        }
    }
}

// Patches that other people's programs made, where the shared folder is there.

class HpatchliteFixtures : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(shared / "fixtures" / "hpatchlite")) GTEST_SKIP() << "no fixtures in " << shared;
        old_image = read_file(shared / "corpus" / GetParam() / "old.bin");
        new_image = read_file(shared / "corpus" / GetParam() / "new.bin");
    }
    Buffer patch(const char* kind) const {
        return read_file(shared / "fixtures" / "hpatchlite" / (std::string(GetParam()) + "." + kind + ".hpatchlite"));
    }
    std::filesystem::path shared = test_support::shared_folder();
    Buffer old_image, new_image;
};

TEST_P(HpatchliteFixtures, GiveTheNewImage) {
    for (const char* const kind : {"none", "tuz-4k", "tuz-16k", "lzma-9-4k", "inplace4k.tuz-4k"}) {
        const Buffer bytes = patch(kind);
        ASSERT_FALSE(bytes.empty()) << kind;
        EXPECT_EQ(apply_patch(old_image, bytes), new_image) << kind;
        const auto info = inspect_patch(bytes);
        ASSERT_TRUE(info.has_value());
        EXPECT_GT(info->covers.size(), 10U);
        EXPECT_EQ(info->covered_bytes() + info->extra_bytes, new_image.size());
        std::uint64_t unchanged = 0;
        for (const PatchCover& cover : info->covers)
            for (std::uint64_t i = 0; i < cover.bytes; ++i)
                unchanged += new_image[cover.new_at + i] == old_image[cover.old_at + i];
        EXPECT_EQ(info->unchanged_bytes(), unchanged) << kind;
    }
}

TEST_P(HpatchliteFixtures, AreWrittenAgainByteForByte) {
    const Buffer bytes = patch("none");
    ASSERT_FALSE(bytes.empty());
    Covers covers;
    const PatchInfo info = *inspect_patch(bytes);
    for (const PatchCover& c : info.covers) covers.push_back({c.new_at, c.old_at, c.bytes});
    Buffer again = hpatchlite_header(HpatchliteCompression::none, new_image.size(), 0);
    const Buffer stream = write_hpatchlite(old_image, new_image, covers);
    again.insert(again.end(), stream.begin(), stream.end());
    EXPECT_EQ(again, bytes);
}

TEST_P(HpatchliteFixtures, ArePackedSmallerHere) {
    const Buffer bytes = patch("none");
    ASSERT_FALSE(bytes.empty());
    HpatchliteHeader header;
    for (std::size_t at = 0; !header.whole(); ++at) ASSERT_EQ(header.take(bytes[at]), Error::none);
    const Bytes stream = Bytes(bytes).subspan(header.bytes());
    for (const auto& [kind, dictionary] : {std::pair{"tuz-4k", 4096U}, std::pair{"tuz-16k", 16384U}}) {
        const std::size_t ours =
            hpatchlite_header(HpatchliteCompression::tinyuz, new_image.size(), stream.size()).size() +
            write_tinyuz(stream, dictionary).size();
        EXPECT_LT(ours, patch(kind).size()) << kind;
    }
}

INSTANTIATE_TEST_SUITE_P(Pairs, HpatchliteFixtures,
                         ::testing::Values("avr_grbl_09g_09i", "m3_simba_shell", "own_klipper_stm32f446_maint",
                                           "phy6222_thb2_v20b7_v20"),
                         [](const auto& param_info) { return std::string(param_info.param); });

}  // namespace
}  // namespace sb::diff
