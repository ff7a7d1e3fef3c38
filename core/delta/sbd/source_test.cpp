#include "core/delta/sbd/source.hpp"

#include <gtest/gtest.h>

#include "core/delta/sbd/testing.hpp"

namespace sb::sbd_testing::source_test {
namespace {

using sbd::CachedSource;
using sbd::MemorySource;

Buffer noise(std::size_t bytes, std::uint32_t seed) {
    Random random(seed);
    Buffer made(bytes);
    for (auto& b : made) b = static_cast<std::uint8_t>(random());
    return made;
}

TEST(CachedSource, ReadsWhatMemoryHoldsWhileTheImageGrows) {
    Random random(7);
    for (const std::uint32_t old_bytes : {0U, 1U, 31U, 32U, 33U, 1000U}) {
        const Buffer old_image = noise(old_bytes, 1), image = noise(700, 2);
        Buffer in_memory(image.size());
        MemorySource memory{Bytes(old_image), MutableBytes(in_memory)};
        MemoryReader old_reader{old_image};
        MadeImage made;
        CachedSource cached(old_reader, made);
        cached.set_old_bytes(old_bytes);
        for (std::uint32_t from = 0; from < image.size();) {  // one call after the other
            const auto count =
                std::min<std::uint32_t>(1 + random() % 90, static_cast<std::uint32_t>(image.size()) - from);
            Buffer room(count);
            cached.begin_call(from, room.data());
            for (std::uint32_t at = from; at < from + count; ++at) {
                for (int look = 0; look < 8; ++look) {
                    const std::uint32_t place = look == 0 ? static_cast<std::uint32_t>(random())
                                                          : static_cast<std::uint32_t>(random() % (old_bytes + at + 5));
                    ASSERT_EQ(cached.byte(place), memory.byte(place)) << place;
                    ASSERT_EQ(cached.word(place), memory.word(place)) << place;
                }
                if (random() % 40 == 0) {
                    const auto gone = static_cast<std::uint32_t>(random() % (old_bytes + 1));
                    cached.set_old_from(gone);
                    memory.set_old_from(gone);
                }
                cached.put(at, image[at]);
                memory.put(at, image[at]);
            }
            ASSERT_TRUE(equal(room, Bytes(image).subspan(from, count)));
            made.image.insert(made.image.end(), room.begin(), room.end());
            from += count;
        }
        EXPECT_EQ(cached.take_error(), Error::none);
    }
}

TEST(CachedSource, ReadsNothingBehindTheOldImageThatCounts) {
    const Buffer old_image = noise(100, 1);
    MemoryReader reader{old_image};
    MadeImage made;
    CachedSource cached(reader, made);
    cached.set_old_bytes(50);
    EXPECT_EQ(cached.byte(49), old_image[49]);
    EXPECT_EQ(cached.byte(50), 0);
}

TEST(CachedSource, StillReadsTheNewImageWhenMoreIsGoneThanTheOldOneHad) {
    const Buffer old_image = noise(100, 1);
    MemoryReader reader{old_image};
    MadeImage made;
    made.image = noise(500, 2);
    CachedSource cached(reader, made);
    cached.set_old_bytes(100);
    Buffer room(10);
    cached.begin_call(500, room.data());
    cached.set_old_from(400);
    EXPECT_EQ(cached.byte(99), 0);
    for (const std::uint32_t at : {0U, 30U, 290U, 299U, 300U, 499U})
        EXPECT_EQ(cached.byte(100 + at), made.image[at]) << at;
}

/// Counts, and fails from some read on.
class Failing final : public Reader {
public:
    [[nodiscard]] std::uint32_t bytes() const override { return 1000; }
    [[nodiscard]] Result<void> read(std::uint32_t, MutableBytes out) override {
        ++reads;
        std::fill(out.begin(), out.end(), std::uint8_t{7});
        return reads > good ? fail(Error::unreadable) : Result<void>{};
    }
    int reads = 0;
    int good = 1000;
};

TEST(CachedSource, ReadsALineOnce) {
    Failing reader;
    MadeImage made;
    CachedSource cached(reader, made);
    cached.set_old_bytes(1000);
    for (std::uint32_t at = 64; at < 64 + CachedSource::line_bytes; ++at) EXPECT_EQ(cached.byte(at), 7);
    EXPECT_EQ(reader.reads, 1);
}

TEST(CachedSource, TellsOfAFailureOnce) {
    Failing reader;
    reader.good = 1;
    MadeImage made;
    CachedSource cached(reader, made);
    cached.set_old_bytes(1000);
    static_cast<void>(cached.byte(0));
    EXPECT_EQ(cached.take_error(), Error::none);
    static_cast<void>(cached.byte(500));
    EXPECT_EQ(cached.take_error(), Error::unreadable);
    EXPECT_EQ(cached.take_error(), Error::none);
}

}  // namespace
}  // namespace sb::sbd_testing::source_test
