#include "core/delta/endsley_stream.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::minus;

Buffer triple(std::uint64_t diff, std::uint64_t extra, std::uint64_t seek) {
    Buffer bytes(endsley_triple_bytes);
    store_le(MutableBytes(bytes), 0, diff);
    store_le(MutableBytes(bytes), 8, extra);
    store_le(MutableBytes(bytes), 16, seek);
    return bytes;
}

Buffer operator+(Buffer a, const Buffer& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

struct MadeOfText {
    Buffer image;
    Error error = Error::none;
};
MadeOfText decode(const Buffer& old_image, std::uint32_t image_bytes, const Buffer& text) {
    MemoryReader reader{old_image};
    EndsleyStream stream(image_bytes, reader);
    Buffer room(image_bytes + 10);
    const auto step = stream.decode(text, room);
    if (!step) return {{}, step.error()};
    room.resize(step->produced);
    return {room, Error::none};
}

TEST(EndsleyStream, AddsDiffBytesAndTakesExtraBytes) {
    const MadeOfText made = decode({10, 20, 30}, 5, triple(3, 2, 0) + Buffer{1, 0, 255, 7, 8});
    EXPECT_EQ(made.image, (Buffer{11, 20, 29, 7, 8}));
}

TEST(EndsleyStream, SeeksAfterTheDiffBytesBothWays) {
    const Buffer old_image{10, 20, 30, 40};
    EXPECT_EQ(decode(old_image, 3, triple(1, 1, 2) + Buffer{0, 9} + triple(1, 0, 0) + Buffer{1}).image,
              (Buffer{10, 9, 41}));
    EXPECT_EQ(decode(old_image, 4, triple(3, 0, 2 | minus) + Buffer{0, 0, 0} + triple(1, 0, 0) + Buffer{1}).image,
              (Buffer{10, 20, 30, 21}));
    EXPECT_EQ(decode(old_image, 1, triple(0, 0, 3) + triple(1, 0, 0) + Buffer{2}).image, (Buffer{42}));
}

TEST(EndsleyStream, TakesBytesOutsideTheOldImageAsZero) {
    const Buffer old_image{10, 20};
    EXPECT_EQ(decode(old_image, 4, triple(4, 0, 0) + Buffer{1, 1, 1, 1}).image, (Buffer{11, 21, 1, 1}));
    EXPECT_EQ(decode(old_image, 4, triple(0, 0, 2 | minus) + triple(4, 0, 0) + Buffer{1, 1, 1, 1}).image,
              (Buffer{1, 1, 11, 21}));
    EXPECT_EQ(decode({}, 2, triple(2, 0, 0) + Buffer{5, 6}).image, (Buffer{5, 6}));
}

struct RefusedText {
    const char* what;
    Buffer text;
    Error error;
};

TEST(EndsleyStream, RefusesTriplesThatCannotBe) {
    const std::uint64_t four_gib = std::uint64_t{1} << 32;
    const RefusedText refusals[] = {
        {"diff beyond the image", triple(11, 0, 0), Error::bad_patch},
        {"extra beyond the image", triple(0, 11, 0), Error::bad_patch},
        {"both together beyond it", triple(6, 5, 0), Error::bad_patch},
        {"sum that wraps", triple(10, 0xffffffff, 0), Error::bad_patch},
        {"negative diff", triple(1 | minus, 0, 0), Error::bad_patch},
        {"negative extra", triple(0, 1 | minus, 0), Error::bad_patch},
        {"diff of 4 GiB", triple(four_gib, 0, 0), Error::too_large},
        {"extra of 4 GiB", triple(0, four_gib, 0), Error::too_large},
        {"seek of 4 GiB", triple(0, 0, four_gib | minus), Error::too_large},
    };
    for (const RefusedText& r : refusals) EXPECT_EQ(decode({1, 2, 3}, 10, r.text).error, r.error) << r.what;
}

TEST(EndsleyStream, AsksForNoMoreThanItCanUse) {
    const Buffer old_image{1, 2, 3};
    MemoryReader reader{old_image};
    EndsleyStream stream(5, reader);
    EXPECT_EQ(stream.wanted(0), endsley_triple_bytes);
    ASSERT_TRUE(stream.decode(triple(3, 2, 0), {}).has_value());
    EXPECT_EQ(stream.wanted(0), 0U);
    EXPECT_EQ(stream.wanted(100), 3U);
    Buffer room(5);
    ASSERT_TRUE(stream.decode(Buffer{0, 0, 0}, room).has_value());
    EXPECT_EQ(stream.wanted(1), 1U);
    EXPECT_EQ(stream.wanted(100), 2U);
    ASSERT_TRUE(stream.decode(Buffer{0, 0}, room).has_value());
    EXPECT_EQ(stream.wanted(100), 0U);
    EXPECT_TRUE(stream.done());
}

TEST(EndsleyHeader, IsReadAndChecked) {
    Buffer header(endsley_magic.begin(), endsley_magic.end());
    header.resize(endsley_header_bytes);
    store_le(MutableBytes(header), 16, std::uint64_t{0x12345678});
    EXPECT_EQ(*parse_endsley_header(header), 0x12345678U);
    for (std::size_t size : {std::size_t{1}, std::size_t{5}, std::size_t{24}}) {
        EndsleyHeader taken;
        for (std::size_t at = 0; at < header.size(); at += size) {
            const auto used = taken.take(Bytes(header).subspan(at, std::min(size, header.size() - at)), 0x12345678);
            ASSERT_TRUE(used.has_value());
        }
        EXPECT_TRUE(taken.whole());
    }
    EXPECT_EQ(EndsleyHeader{}.take(header, 0x12345679).error(), Error::malformed);
    Buffer other = header;
    other[20] = 1;
    EXPECT_EQ(parse_endsley_header(other).error(), Error::too_large);
    EXPECT_EQ(EndsleyHeader{}.take(other, 0x12345678).error(), Error::malformed);
    other[20] = 0;
    other[23] = 0x80;
    EXPECT_EQ(parse_endsley_header(other).error(), Error::malformed);
    other[0] = 'X';
    EXPECT_EQ(parse_endsley_header(other).error(), Error::malformed);
}

}  // namespace
}  // namespace sb
