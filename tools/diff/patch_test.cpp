#include "tools/diff/patch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;
using delta_testing::Pair;
using delta_testing::Random;
using delta_testing::two_builds;

DiffOptions options(std::string format, std::string compress) {
    DiffOptions o;
    o.format = std::move(format);
    o.compress = std::move(compress);
    return o;
}
const DiffOptions every_format[] = {options("endsley", "none"), options("endsley", "lzma"), options("endsley", "bzip2"),
                                    options("lzma", "lzma"), options("bsdiff", "bzip2")};

TEST(Patch, GivesTheNewImageInEveryFormat) {
    const Pair builds = two_builds(40000, 21);
    std::vector<Pair> pairs = delta_testing::awkward_pairs(builds);
    pairs.push_back(builds);
    for (const Pair& pair : pairs) {
        for (const DiffOptions& o : every_format) {
            const Patch patch = make_patch(pair.old_image, pair.new_image, o);
            EXPECT_EQ(apply_patch(pair.old_image, patch.bytes), pair.new_image) << o.format << ' ' << o.compress;
            const auto info = inspect_patch(patch.bytes);
            ASSERT_TRUE(info.has_value());
            EXPECT_EQ(info->format, patch.format);
            EXPECT_EQ(info->payload, patch.payload);
            EXPECT_EQ(info->decoder_ram_bytes, patch.decoder_ram_bytes);
        }
    }
}

TEST(Patch, BetweenTwoBuildsIsMuchSmallerThanTheImage) {
    const Pair pair = two_builds(40000, 21);
    const std::size_t delta = make_patch(pair.old_image, pair.new_image, options("endsley", "lzma")).bytes.size();
    const std::size_t full = make_patch({}, pair.new_image, options("lzma", "")).bytes.size();
    EXPECT_LT(full, pair.new_image.size());
    EXPECT_LT(delta * 2, full);
}

const DiffOptions formats_with_covers[] = {
    options("endsley", "lzma"), options("endsley", "none"),   options("bsdiff", "bzip2"),
    options("vcdiff", "lzma"),  options("vcdiff", "none"),    options("hdiff", "lzma2"),
    options("hdiffsf", "none"), options("hpatchlite", "tuz"), options("hpatchlite", "none")};

TEST(Patch, IsTheSameEachTimeWithAnyNumberOfThreads) {
    const Pair pair = two_builds(9000, 4);
    for (DiffOptions o : formats_with_covers) {
        o.window_bytes = o.format == "vcdiff" ? 4096 : 0;  // several windows
        o.threads = 1;
        const Buffer alone = make_patch(pair.old_image, pair.new_image, o).bytes;
        for (const unsigned threads : {2U, 3U}) {
            o.threads = threads;
            EXPECT_EQ(make_patch(pair.old_image, pair.new_image, o).bytes, alone) << o.format << ' ' << o.compress;
        }
    }
}

TEST(Patch, UsesNoCoverShorterThanIsWished) {
    const Pair pair = two_builds(9000, 4);
    for (DiffOptions o : formats_with_covers) {
        const auto shortest = [&](std::uint32_t least) {
            o.min_cover_bytes = least;
            const Patch patch = make_patch(pair.old_image, pair.new_image, o);
            EXPECT_EQ(apply_patch(pair.old_image, patch.bytes), pair.new_image) << o.format << ' ' << o.compress;
            std::uint64_t bytes = ~std::uint64_t{0};
            const PatchInfo info = *inspect_patch(patch.bytes);
            for (const PatchCover& cover : info.covers) bytes = std::min(bytes, cover.bytes);
            return bytes;
        };
        EXPECT_LT(shortest(0), 1000U) << o.format << ' ' << o.compress;
        EXPECT_GE(shortest(1000), 1000U) << o.format << ' ' << o.compress;
    }
}

TEST(Patch, HasASegmentPerSegmentLength) {
    const Pair pair = two_builds(40000, 21);
    const struct {
        std::uint32_t segment_bytes;
        std::size_t new_bytes, segments;
    } cases[] = {{0, pair.new_image.size(), 1}, {16384, 40000, 3}, {10000, 40000, 4}, {1000, 100, 1}};
    for (const auto& c : cases) {
        for (const char* const format : {"endsley", "lzma"}) {
            DiffOptions o = options(format, "lzma");
            o.segment_bytes = c.segment_bytes;
            Buffer image = pair.new_image;
            image.resize(c.new_bytes);
            const auto info = inspect_patch(make_patch(pair.old_image, image, o).bytes);
            ASSERT_TRUE(info.has_value());
            EXPECT_EQ(info->segments.size(), c.segments) << format << ' ' << c.segment_bytes;
        }
    }
}

TEST(Patch, IsCutEvery64KOnceTheImageHas128K) {
    const Buffer image = delta_testing::code_like(128 * 1024, 1, 0);
    EXPECT_EQ(inspect_patch(make_patch(image, image, options("endsley", "lzma")).bytes)->segments.size(), 2U);
    EXPECT_EQ(inspect_patch(make_patch(image, Bytes(image).first(128 * 1024 - 1), options("endsley", "lzma")).bytes)
                  ->segments.size(),
              1U);
}

TEST(Patch, KeepsToTheDictionaryThatItMayUse) {
    const Pair pair = two_builds(40000, 21);
    for (const std::uint32_t ram : {0U, 4096U, 8192U, 16384U, 32768U}) {
        DiffOptions o = options("endsley", "lzma");
        o.ram_bytes = ram;
        const Patch patch = make_patch(pair.old_image, pair.new_image, o);
        const std::uint32_t expected = ram == 0 ? 16384 : std::min(ram, 16384U);
        EXPECT_EQ(inspect_patch(patch.bytes)->dictionary_bytes, expected);
        EXPECT_EQ(patch.decoder_ram_bytes, 3552 + expected);
    }
    const Pair small = two_builds(3000, 2);
    EXPECT_EQ(inspect_patch(make_patch(small.old_image, small.new_image, options("lzma", "")).bytes)->dictionary_bytes,
              4096U);
}

bool refuses(Bytes image, const DiffOptions& wished) {
    try {
        (void)make_patch(image, image, wished);
        return false;
    } catch (const OptionError&) {
        return true;
    }
}

TEST(Patch, RefusesOptionsThatAreNotOffered) {
    const Buffer image(100);
    EXPECT_THROW((void)make_patch(image, image, options("nonsense", "")), OptionError);
    EXPECT_THROW((void)make_patch(image, image, options("endsley", "zstd")), OptionError);
    EXPECT_THROW((void)make_patch(image, image, options("bsdiff", "none")), OptionError);
    EXPECT_THROW((void)make_patch(image, image, options("lzma", "none")), OptionError);
    DiffOptions of_sbd = options("endsley", "none");
    of_sbd.level = 3;
    EXPECT_THROW((void)make_patch(image, image, of_sbd), OptionError) << "only sbd has levels";
    DiffOptions tight = options("endsley", "lzma");
    tight.ram_bytes = 1024;
    EXPECT_THROW((void)make_patch(image, image, tight), OptionError);
    for (const char* format : {"bsdiff", "endsley", "hdiff", "hdiff13", "hdiffsf", "hpatchlite", "lzma", "vcdiff"}) {
        const bool is_vcdiff = std::string(format) == "vcdiff";
        DiffOptions window = options(format, "");
        window.window_bytes = 4096;
        EXPECT_EQ(refuses(image, window), !is_vcdiff) << format;
        DiffOptions ram = options(format, "");
        ram.ram_bytes = 4096;
        EXPECT_EQ(refuses(image, ram), is_vcdiff || std::string(format) == "bsdiff" || std::string(format) == "hdiff13")
            << format;
    }
}

TEST(Patch, ReportsProgressFromStartToEnd) {
    const Pair pair = two_builds(20000, 4);
    DiffOptions o = options("endsley", "lzma");
    std::vector<double> seen;
    o.progress = [&](double fraction) { seen.push_back(fraction); };
    (void)make_patch(pair.old_image, pair.new_image, o);
    ASSERT_GT(seen.size(), 10U);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(seen.back(), 1.0);
}

TEST(Inspect, SaysWhereTheNewImageComesFrom) {
    const Pair pair = two_builds(40000, 21);
    const Patch plain = make_patch(pair.old_image, pair.new_image, options("endsley", "none"));
    const auto info = inspect_patch(plain.bytes);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->new_bytes, pair.new_image.size());
    EXPECT_EQ(info->covered_bytes() + info->extra_bytes, pair.new_image.size());
    EXPECT_GT(info->covers.size(), 3U);
    EXPECT_GT(info->unchanged_bytes(), info->new_bytes / 2);
    std::uint64_t unchanged = 0;
    for (const PatchCover& cover : info->covers)
        for (std::uint64_t i = 0; i < cover.bytes; ++i)
            unchanged += pair.new_image[cover.new_at + i] == pair.old_image[cover.old_at + i];
    EXPECT_EQ(info->unchanged_bytes(), unchanged);
    EXPECT_EQ(info->dictionary_bytes, 0U);
    EXPECT_FALSE(inspect_patch(pair.new_image).has_value());
    EXPECT_FALSE(inspect_patch({}).has_value());
}

TEST(Inspect, AndApplySayWhereABrokenPatchEnds) {
    const Pair pair = two_builds(3000, 2);
    for (const DiffOptions& o : every_format) {
        const Buffer patch = make_patch(pair.old_image, pair.new_image, o).bytes;
        for (std::size_t kept = 0; kept < patch.size(); ++kept) {
            const Bytes cut = Bytes(patch).first(kept);
            try {
                EXPECT_NE(apply_patch(pair.old_image, cut), pair.new_image) << o.format << o.compress << kept;
                // `lzma` cut between two segments is a patch to a shorter image: only a digest tells
                EXPECT_EQ(o.format, "lzma");
            } catch (const PatchError& e) {
                EXPECT_LE(e.offset_bytes, kept);
                EXPECT_STRNE(e.what(), "");
            }
            try {
                const auto info = inspect_patch(cut);
                if (info && o.format != "lzma") {
                    ADD_FAILURE() << "explains a patch cut at " << kept;
                }
            } catch (const PatchError& e) {
                EXPECT_NE(e.error, Error::none);
            }
        }
    }
}

TEST(Apply, NeverEndsOtherThanInAnImageOrAnErrorWhateverByteIsChanged) {
    const Pair pair = two_builds(1000, 2);
    for (const DiffOptions& o : every_format)
        diff_testing::expect_an_image_or_an_error(pair, make_patch(pair.old_image, pair.new_image, o).bytes);
}

TEST(Apply, RefusesWhatIsNoPatch) {
    const auto error_of = [](const Buffer& patch) {
        try {
            (void)apply_patch({}, patch);
        } catch (const PatchError& e) {
            return e.error;
        }
        return Error::none;
    };
    EXPECT_EQ(error_of({}), Error::malformed);
    EXPECT_EQ(error_of(Buffer(100, 'x')), Error::malformed);
    const Buffer image(50, 3);
    Buffer patch = make_patch({}, image, options("endsley", "none")).bytes;
    patch.push_back(0);
    EXPECT_EQ(error_of(patch), Error::trailing_data);
    Buffer not_quite_packed(patch.begin(), patch.begin() + 24);
    for (const char c : {'B', 'Z', 'h', '9'}) not_quite_packed.push_back(static_cast<std::uint8_t>(c));
    EXPECT_EQ(error_of(not_quite_packed), Error::truncated);
}

}  // namespace
}  // namespace sb::diff
