#include "tools/diff/codec_bzip2.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb::diff {
namespace {

using delta_testing::Buffer;

Buffer packed(Bytes plain, std::size_t piece, std::uint64_t announced) {
    BufferSink sink;
    Bzip2Packer packer(sink, announced);
    for (std::size_t at = 0; at < plain.size(); at += piece)
        packer.write(plain.subspan(at, std::min(piece, plain.size() - at)));
    packer.finish();
    return sink.made;
}

struct Unpacked {
    Buffer plain;
    Error error = Error::none;
};

Unpacked unpacked(const Buffer& packed, std::size_t piece) {
    MemoryReader reader{packed};
    RangeStream range(reader, 0, reader.bytes());
    Bzip2Unpacker unpacker(range);
    Buffer room(piece), plain;
    for (;;) {
        const auto count = unpacker.read(room);
        if (!count) return {plain, count.error()};
        if (*count == 0) return {plain, Error::none};
        plain.insert(plain.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*count));
    }
}

TEST(Bzip2, GivesBackWhatWasPackedInPiecesOfAnySize) {
    const Buffer images[] = {{}, {1}, Buffer(1000000), delta_testing::code_like(300000, 1, 0)};
    for (const Buffer& image : images) {
        for (const std::size_t piece : {std::size_t{1000}, std::size_t{1} << 20}) {
            const Buffer p = packed(image, piece, image.size());
            EXPECT_LT(p.size(), image.size() / 2 + 50);
            const Unpacked u = unpacked(p, piece);
            EXPECT_EQ(u.error, Error::none);
            EXPECT_EQ(u.plain, image);
        }
    }
}

TEST(Bzip2, TakesSmallerBlocksWhenLittleComesAndLosesNothingByIt) {
    delta_testing::Random random(2);
    for (const std::size_t bytes : {79000U, 79899U, 79900U, 200000U, 500000U}) {
        Buffer image(bytes);
        // runs of four are what grows before it is sorted
        for (std::size_t i = 0; i < bytes; ++i)
            image[i] = static_cast<std::uint8_t>(i % 4 == 0 ? random() : image[i - 1]);
        const Buffer tight = packed(image, 4096, bytes), usual = packed(image, 4096, ~std::uint64_t{0});
        EXPECT_EQ(tight.size(), usual.size()) << bytes;
        EXPECT_LT(tight[3], usual[3]);
        EXPECT_EQ(usual[3], '9');
        EXPECT_EQ(unpacked(tight, 4096).plain, image);
    }
}

TEST(Bzip2, NoticesEveryCutAndEveryChangedByte) {
    const Buffer image = delta_testing::code_like(2000, 1, 0);
    Buffer p = packed(image, 4096, image.size());
    for (std::size_t kept = 0; kept < p.size(); ++kept)
        EXPECT_EQ(unpacked(Buffer(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(kept)), 4096).error,
                  Error::truncated);
    for (std::size_t at = 0; at < p.size(); ++at) {
        p[at] ^= 1;
        const Unpacked u = unpacked(p, 4096);
        EXPECT_TRUE(u.error != Error::none || u.plain == image) << at;  // the last bits pad the last byte
        p[at] ^= 1;
    }
    p.push_back(0);
    EXPECT_EQ(unpacked(p, 4096).error, Error::trailing_data);
}

}  // namespace
}  // namespace sb::diff
