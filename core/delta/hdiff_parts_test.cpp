#include "core/delta/hdiff_parts.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb {
namespace {

using delta_testing::back;
using delta_testing::Buffer;

const Buffer parts_old{10, 20, 30, 40, 50, 60};
constexpr std::uint8_t ones = 1 << 6, a_value = 2 << 6, values = 3 << 6;

struct Parts {
    Buffer cover_numbers, runs, values, fresh;
};

struct Made {
    Buffer image;
    Error error = Error::none;
};

Made decode(const Parts& parts, std::uint32_t new_bytes, std::uint32_t covers, std::size_t piece = 100,
            std::uint32_t old_bytes = 6) {
    HdiffPartsHeader header;
    header.new_bytes = new_bytes;
    header.old_bytes = old_bytes;
    header.covers = covers;
    const auto part = [](const Buffer& bytes) { return HdiffPart{static_cast<std::uint32_t>(bytes.size()), 0}; };
    header.cover_numbers = part(parts.cover_numbers);
    header.runs = part(parts.runs);
    header.values = part(parts.values);
    header.fresh = part(parts.fresh);
    MemoryReader sources[] = {MemoryReader{parts.cover_numbers}, MemoryReader{parts.runs}, MemoryReader{parts.values},
                              MemoryReader{parts.fresh}};
    RangeStream streams[] = {{sources[0], 0, sources[0].bytes()},
                             {sources[1], 0, sources[1].bytes()},
                             {sources[2], 0, sources[2].bytes()},
                             {sources[3], 0, sources[3].bytes()}};
    MemoryReader old{parts_old};
    HdiffPartsDecoder decoder(header, old, {streams[0], streams[1], streams[2], streams[3]});
    Made made;
    Buffer room(piece);
    for (;;) {
        const auto count = decoder.produce(room);
        if (!count) return {made.image, count.error()};
        if (*count == 0) return made;
        made.image.insert(made.image.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*count));
    }
}

/// 7 | 10 21 30 | 8 | 49 59 19 | 5: runs over all nine bytes, those without a cover included.
const Parts sample{
    {0, 1, 3, 1, 1, 2, 5 | back, 0, 1}, {1, a_value | 0, 1, ones | 1, a_value | 0, 0}, {1, 0xff}, {7, 8, 5}};
const Buffer sample_image{7, 10, 21, 30, 8, 49, 59, 19, 5};

TEST(HdiffParts, GiveTheNewImageInPiecesOfAnySize) {
    for (std::size_t piece = 1; piece < 12; ++piece) {
        const Made made = decode(sample, 9, 3, piece);
        EXPECT_EQ(made.error, Error::none);
        EXPECT_EQ(made.image, sample_image) << piece;
    }
}

TEST(HdiffParts, TakeRunsOfManyValues) {
    EXPECT_EQ(decode({{0, 0, 4}, {values | 3}, {1, 0, 2, 0xff}, {}}, 4, 1).image, (Buffer{11, 20, 32, 39}));
    EXPECT_EQ(decode({{0, 0, 4}, {a_value | 3}, {2}, {}}, 4, 1).image, (Buffer{12, 22, 32, 42}));
}

TEST(HdiffParts, IgnoreDifferencesWhereThereIsNoCover) {
    EXPECT_EQ(decode({{0, 2, 2}, {values | 3}, {9, 9, 1, 0}, {7, 8}}, 4, 1).image, (Buffer{7, 8, 11, 20}));
    EXPECT_EQ(decode({{}, {ones | 3}, {}, {1, 2, 3, 4}}, 4, 0).image, (Buffer{1, 2, 3, 4}));
}

TEST(HdiffParts, MayBeEmpty) {
    EXPECT_EQ(decode({}, 0, 0).error, Error::none);
}

TEST(HdiffParts, RefuseWhatCannotBe) {
    const struct {
        const char* what;
        Parts parts;
        std::uint32_t new_bytes, covers, old_bytes;
        Error error;
    } refusals[] = {
        {"another old image", sample, 9, 3, 5, Error::wrong_source},
        {"a cover beyond the old image", {{4, 0, 3}, {2}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"a seek before it", {{1 | back, 0, 3}, {2}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"a seek behind it", {{7, 0, 3}, {2}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"a cover beyond the new image", {{0, 0, 4}, {3}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"new bytes beyond it", {{0, 4, 0}, {3}, {}, {1, 2, 3, 4}}, 3, 1, 6, Error::bad_patch},
        {"fewer covers than announced", {{0, 0, 3}, {2}, {}, {}}, 3, 2, 6, Error::bad_patch},
        {"more covers than announced", {{0, 0, 3, 0, 0, 0}, {2}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"runs beyond the image", {{0, 0, 3}, {3}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"runs that end before it", {{0, 0, 3}, {1}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"runs behind it", {{0, 0, 3}, {2, 0}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"too few values", {{0, 0, 3}, {values | 2}, {1, 2}, {}}, 3, 1, 6, Error::bad_patch},
        {"too many values", {{0, 0, 3}, {2}, {1}, {}}, 3, 1, 6, Error::bad_patch},
        {"too few new bytes", {{0, 1, 2}, {2}, {}, {}}, 3, 1, 6, Error::bad_patch},
        {"too many new bytes", {{0, 0, 3}, {2}, {}, {1}}, 3, 1, 6, Error::bad_patch},
        {"a number cut off", {{0, 0, 0x83}, {2}, {}, {}}, 3, 1, 6, Error::bad_patch},
    };
    for (const auto& r : refusals) {
        const Made made = decode(r.parts, r.new_bytes, r.covers, 100, r.old_bytes);
        EXPECT_EQ(made.error, r.error) << r.what;
        EXPECT_LE(made.image.size(), r.new_bytes) << r.what;
    }
}

TEST(HdiffParts, RefuseAStreamThatGivesMoreOrLessThanAnnounced) {
    const Buffer bytes{1, 2, 3};
    MemoryReader source{bytes};
    RangeStream more(source, 0, 3);
    HdiffPartStream stream(more, 2);
    EXPECT_EQ(stream.byte().value(), 1);
    EXPECT_EQ(stream.byte().value(), 2);
    EXPECT_EQ(stream.byte().error(), Error::bad_patch);
    EXPECT_EQ(stream.finish().error(), Error::bad_patch);
    RangeStream less(source, 0, 3);
    HdiffPartStream longer(less, 4);
    std::array<std::uint8_t, 4> room{};
    EXPECT_EQ(longer.read(room).error(), Error::truncated);
}

Buffer header(const char* magic, const Buffer& rest) {
    Buffer bytes(magic, magic + std::char_traits<char>::length(magic) + 1);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

TEST(HdiffHeader, OfPartsIsReadAndChecked) {
    const Buffer good = header("HDIFF13&zlib", {0x88, 0xd3, 0x68, 5, 2, 3, 0, 4, 0x80, 0x00, 5, 2, 6, 0});
    const auto parsed = parse_hdiff_parts_header(good, 27 + 3 + 4 + 2 + 6);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->compression, "zlib");
    EXPECT_EQ(parsed->bytes, 27U);
    EXPECT_EQ(parsed->new_bytes, 141800U);
    EXPECT_EQ(parsed->old_bytes, 5U);
    EXPECT_EQ(parsed->covers, 2U);
    EXPECT_EQ(parsed->values.stored_bytes(), 2U);
    EXPECT_EQ(parsed->fresh.stored_bytes(), 6U);
    EXPECT_EQ(parse_hdiff_parts_header(good, 41).error(), Error::truncated);
    EXPECT_EQ(parse_hdiff_parts_header(good, 43).error(), Error::trailing_data);
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(parse_hdiff_parts_header(Bytes(good).first(size), 42).error(), Error::truncated) << size;
    EXPECT_EQ(parse_hdiff_parts_header(header("HDIFF13&a_name_that_is_long", {}), 42).error(), Error::malformed);
    EXPECT_EQ(parse_hdiff_parts_header(header("HDIFF12&zlib", {}), 42).error(), Error::malformed);
}

TEST(HdiffHeader, OfStepsIsReadAndChecked) {
    const Buffer good = header("HDIFFSF20&", {7, 6, 3, 9, 21, 0});
    const auto parsed = parse_hdiff_steps_header(good, 17 + 21);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->compression, "");
    EXPECT_EQ(parsed->bytes, 17U);
    EXPECT_EQ(parsed->covers, 3U);
    EXPECT_EQ(parsed->step_bytes, 9U);
    EXPECT_EQ(parsed->steps.plain_bytes, 21U);
    EXPECT_EQ(parse_hdiff_steps_header(good, 37).error(), Error::truncated);
    EXPECT_EQ(parse_hdiff_steps_header(good, 39).error(), Error::trailing_data);
}

}  // namespace
}  // namespace sb
