#include "tools/diff/codec_mixed.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

Result<Buffer> unpacked(Bytes packed, std::size_t piece = 1000) {
    MemoryReader reader(packed);
    RangeStream range(reader, 0, reader.bytes());
    MixedStream stream(range);
    Buffer all, room(piece);
    for (;;) {
        SB_TRY_ASSIGN(const std::size_t count, stream.read(room));
        if (count == 0) return all;
        all.insert(all.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count));
    }
}

Buffer text(std::size_t bytes, unsigned different) {
    std::mt19937 random(7);
    Buffer made;
    while (made.size() < bytes) {
        const auto word = static_cast<std::uint8_t>(random() % different);
        for (unsigned k = 0; k < 5; ++k) made.push_back(static_cast<std::uint8_t>(word * 31 + k * 7));
    }
    made.resize(bytes);
    return made;
}

TEST(MixedStream, GivesBackWhatWasPacked) {
    for (const std::size_t bytes : {0U, 1U, 2U, 777U, 100000U}) {
        for (const unsigned different : {1U, 40U, 256U}) {
            const Buffer plain = text(bytes, different);
            for (const std::size_t piece : {1U, 4096U}) {
                const auto back = unpacked(pack_mixed(plain), piece);
                ASSERT_TRUE(back.has_value());
                EXPECT_TRUE(*back == plain) << bytes << " of " << different;
            }
        }
    }
}

TEST(MixedStream, GivesBackWhatIsLongerThanAWindow) {
    const Buffer plain = text(mixed_window_bytes + 5000, 100);
    EXPECT_TRUE(unpacked(pack_mixed(plain)) == plain);
}

TEST(MixedStream, IsSmallWhereBytesRepeat) {
    EXPECT_LT(pack_mixed(text(100000, 256)).size(), 100000U / 3) << "a byte in five is new";
    EXPECT_LT(pack_mixed(Buffer(100000)).size(), 400U);
}

TEST(MixedStream, EndsInAnErrorWhereItIsCutOrGoesOn) {
    Buffer packed = pack_mixed(text(700, 50));
    for (std::size_t bytes = 0; bytes < packed.size(); ++bytes) {
        const auto back = unpacked(Bytes(packed).first(bytes));
        ASSERT_FALSE(back.has_value()) << bytes;
        EXPECT_EQ(back.error(), Error::truncated);
    }
    packed.push_back(0);
    const auto back = unpacked(packed);
    ASSERT_FALSE(back.has_value());
    EXPECT_EQ(back.error(), Error::trailing_data);
}

}  // namespace
}  // namespace sb::diff
