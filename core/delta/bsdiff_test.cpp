#include "core/delta/bsdiff.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::minus;

Buffer numbers(std::initializer_list<std::uint64_t> values) {
    Buffer bytes(values.size() * 8);
    std::size_t at = 0;
    for (const std::uint64_t value : values) {
        store_le(MutableBytes(bytes), at, value);
        at += 8;
    }
    return bytes;
}

/// Bytes that come in pieces of at most `piece`.
class PieceStream final : public ByteStream {
public:
    PieceStream(const Buffer& bytes, std::size_t piece) : left_(bytes), piece_(piece) {}
    Result<std::size_t> read(MutableBytes to) override {
        const std::size_t count = std::min({to.size(), left_.size(), piece_});
        copy(to, left_.first(count));
        left_ = left_.subspan(count);
        return count;
    }

private:
    Bytes left_;
    std::size_t piece_;
};

struct Patch {
    std::uint32_t new_bytes;
    Buffer control, diff, extra;
};

struct Made {
    Buffer image;
    Error error = Error::none;
};

Made decode(const Buffer& old_image, const Patch& patch, std::size_t out_bytes = 1000, std::size_t work_bytes = 256) {
    MemoryReader old{old_image};
    PieceStream control(patch.control, 7), diff(patch.diff, 3), extra(patch.extra, 3);
    Buffer work(work_bytes), room(out_bytes), image;
    BsdiffDecoder decoder(patch.new_bytes, old, {control, diff, extra}, work);
    for (;;) {
        const auto count = decoder.produce(room);
        if (!count) return {image, count.error()};
        if (*count == 0) return {image, Error::none};
        image.insert(image.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*count));
    }
}

TEST(Bsdiff, AddsDiffBytesTakesExtraBytesAndSeeks) {
    const Buffer old_image{10, 20, 30, 40};
    const Patch patch{7, numbers({2, 2, 1, 1, 0, 3 | minus, 2, 0, 0}), {1, 255, 0, 1, 2}, {7, 8}};
    // 10+1 20-1 | 7 8 | at 3: 40+0 | at 1: 20+1 30+2
    for (const std::size_t out : {1U, 2U, 100U}) {
        for (const std::size_t work : {1U, 256U}) {
            const Made made = decode(old_image, patch, out, work);
            EXPECT_EQ(made.error, Error::none);
            EXPECT_EQ(made.image, (Buffer{11, 19, 7, 8, 40, 21, 32}));
        }
    }
}

TEST(Bsdiff, TakesBytesOutsideTheOldImageAsZero) {
    const Buffer old_image{10, 20};
    EXPECT_EQ(decode(old_image, {4, numbers({4, 0, 0}), {1, 1, 1, 1}, {}}).image, (Buffer{11, 21, 1, 1}));
    EXPECT_EQ(decode(old_image, {4, numbers({0, 0, 1 | minus, 4, 0, 0}), {1, 1, 1, 1}, {}}).image,
              (Buffer{1, 11, 21, 1}));
    EXPECT_EQ(decode({}, {2, numbers({2, 0, 0}), {5, 6}, {}}).image, (Buffer{5, 6}));
    EXPECT_EQ(decode(old_image, {1, numbers({0, 0, 0xffffffff, 0, 0, 1, 1, 0, 0}), {5}, {}}).image, (Buffer{5}));
}

struct Refusal {
    const char* what;
    Patch patch;
    Error error;
};

TEST(Bsdiff, RefusesPartsThatCannotBe) {
    const std::uint64_t four_gib = std::uint64_t{1} << 32;
    Buffer idle;
    for (int i = 0; i < 100; ++i) idle.resize(idle.size() + bsdiff_triple_bytes);
    const Refusal refusals[] = {
        {"diff beyond the image", {10, numbers({11, 0, 0}), Buffer(11), {}}, Error::bad_patch},
        {"extra beyond the image", {10, numbers({0, 11, 0}), {}, Buffer(11)}, Error::bad_patch},
        {"both together beyond it", {10, numbers({6, 5, 0}), Buffer(6), Buffer(5)}, Error::bad_patch},
        {"sum that wraps", {10, numbers({10, 0xffffffff, 0}), Buffer(10), Buffer(10)}, Error::bad_patch},
        {"negative diff", {10, numbers({1 | minus, 0, 0}), Buffer(10), {}}, Error::bad_patch},
        {"negative extra", {10, numbers({0, 1 | minus, 0}), Buffer(10), {}}, Error::bad_patch},
        {"diff of 4 GiB", {10, numbers({four_gib, 0, 0}), Buffer(10), {}}, Error::too_large},
        {"extra of 4 GiB", {10, numbers({0, four_gib, 0}), Buffer(10), {}}, Error::too_large},
        {"seek of 4 GiB", {10, numbers({0, 0, four_gib | minus}), Buffer(10), {}}, Error::too_large},
        {"no triples", {10, {}, Buffer(10), {}}, Error::truncated},
        {"half a triple", {10, Buffer(23), Buffer(10), {}}, Error::truncated},
        {"too few diff bytes", {10, numbers({10, 0, 0}), Buffer(9), {}}, Error::truncated},
        {"too few extra bytes", {10, numbers({0, 10, 0}), {}, Buffer(9)}, Error::truncated},
        {"triples without end that make nothing", {10, idle, Buffer(10), {}}, Error::bad_patch},
        {"a triple too many", {10, numbers({10, 0, 0, 0, 0, 0}), Buffer(10), {}}, Error::trailing_data},
        {"a diff byte too many", {10, numbers({10, 0, 0}), Buffer(11), {}}, Error::trailing_data},
        {"an extra byte too many", {10, numbers({0, 10, 0}), {}, Buffer(11)}, Error::trailing_data},
        {"no image, but extra bytes", {0, {}, {}, Buffer(1)}, Error::trailing_data},
    };
    for (const Refusal& r : refusals) {
        const Made made = decode({1, 2, 3}, r.patch);
        EXPECT_EQ(made.error, r.error) << r.what;
        EXPECT_LE(made.image.size(), r.patch.new_bytes) << r.what;
    }
}

TEST(Bsdiff, NeverSeeksSoFarThatItsPositionOverflows) {
    Buffer control;
    for (int i = 0; i < 400; ++i) {
        const Buffer triple = numbers({1, 0, 0xffffffff});
        control.insert(control.end(), triple.begin(), triple.end());
    }
    EXPECT_EQ(decode({1, 2, 3}, {400, control, Buffer(400), {}}).error, Error::bad_patch);
}

TEST(BsdiffHeader, IsReadAndChecked) {
    Buffer header(bsdiff_magic.begin(), bsdiff_magic.end());
    const Buffer sizes = numbers({5, 6, 0x12345678});
    header.insert(header.end(), sizes.begin(), sizes.end());
    const auto read = parse_bsdiff_header(header);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->control_bytes, 5U);
    EXPECT_EQ(read->diff_bytes, 6U);
    EXPECT_EQ(read->new_bytes, 0x12345678U);
    for (std::size_t at = 8; at < 32; at += 8) {
        Buffer other = header;
        other[at + 4] = 1;
        EXPECT_EQ(parse_bsdiff_header(other).error(), Error::too_large);
        other[at + 4] = 0;
        other[at + 7] = 0x80;
        EXPECT_EQ(parse_bsdiff_header(other).error(), Error::malformed);
    }
    EXPECT_EQ(parse_bsdiff_header(Bytes(header).first(31)).error(), Error::malformed);
    header[7] = '1';
    EXPECT_EQ(parse_bsdiff_header(header).error(), Error::malformed);
}

}  // namespace
}  // namespace sb
