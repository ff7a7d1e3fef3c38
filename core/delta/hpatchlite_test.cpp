#include "core/delta/hpatchlite.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;

Buffer patch_of(const Pair& pair, const char* compress) {
    diff::DiffOptions options;
    options.format = "hpatchlite";
    options.compress = compress;
    return diff::make_patch(pair.old_image, pair.new_image, options).bytes;
}

/// A decoder with its memory.
struct Device {
    Device(const Buffer& old_image, std::size_t image_bytes, std::size_t work_bytes = 16384)
        : reader(old_image), work(work_bytes), decoder(static_cast<std::uint32_t>(image_bytes), reader, work) {}
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    Outcome take(Bytes patch) { return delta_testing::feed_whole(decoder, patch); }

    MemoryReader reader;
    Buffer work;
    HpatchliteDecoder decoder;
};

// "abcdefgh" to "abXYcdefgh!": a cover of 2 unchanged bytes, one of 6 with a difference behind 2 new bytes, and the
// end.
const Buffer eight{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};
const Buffer by_hand{'h', 'I',  0, 0x41, 11,                     // plain, the size in one byte
                     3,                                          // covers
                     2,   0x80, 0,                               // 2 bytes unchanged from 0 + 0, at once
                     6,   0,    2, 'X',  'Y', 0, 0, 1, 0, 0, 0,  // 6 bytes after 2 new ones
                     0,   0x80, 1, '!'};                         // nothing after one new byte
const Buffer by_hand_gives{'a', 'b', 'X', 'Y', 'c', 'd', 'f', 'f', 'g', 'h', '!'};

Outcome run_by_hand(std::size_t at, std::uint8_t value) {
    Buffer patch = by_hand;
    patch[at] = value;
    return Device(eight, by_hand_gives.size()).take(patch);
}

TEST(Hpatchlite, ReadsAPatchWrittenByHand) {
    const Outcome outcome = Device(eight, by_hand_gives.size()).take(by_hand);
    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.image, by_hand_gives);
}

TEST(Hpatchlite, GoesBackInTheOldImage) {
    // 2 bytes from 6, then 2 from 0: back by 8
    const Buffer patch{'h', 'I', 0, 0x41, 4, 2, 2, 0x86, 0, 2, 0xc8, 0};
    EXPECT_EQ(Device(eight, 4).take(patch).image, (Buffer{'g', 'h', 'a', 'b'}));
    // 33 does not fit five bits: 1, then 33 % 128 = 0x21 with the bit for more before it
    Buffer old(40, 'x');
    old[33] = 'q';
    EXPECT_EQ(Device(old, 1).take(Buffer{'h', 'I', 0, 0x41, 1, 1, 1, 0xa0, 33, 0}).image, Buffer{'q'});
}

TEST(Hpatchlite, RefusesWhatIsOutOfBounds) {
    const struct {
        std::size_t at;
        std::uint8_t value;
        Error error;
    } cases[] = {
        {0, 'H', Error::malformed},    {2, 2, Error::unsupported},  // zlib
        {3, 0xc1, Error::unsupported},                              // version 3
        {3, 0x45, Error::too_large},                                // a size in five bytes
        {4, 12, Error::malformed},                                  // another size than announced
        {5, 2, Error::bad_patch},                                   // ends before the image is complete
        {6, 0, Error::bad_patch},                                   // an empty cover in the middle
        {6, 100, Error::bad_patch},                                 // more than the image has
        {7, 0x87, Error::bad_patch},                                // bytes 7 and 8 of 8
        {7, 0xc1, Error::bad_patch},                                // before the old image
        {11, 100, Error::bad_patch},                                // a gap beyond the image
    };
    for (const auto& c : cases) {
        const Outcome outcome = run_by_hand(c.at, c.value);
        EXPECT_EQ(outcome.error, c.error) << c.at;
        EXPECT_LE(outcome.image.size(), by_hand_gives.size());
    }
    Buffer patch = by_hand;
    patch.push_back(0);
    EXPECT_EQ(Device(eight, by_hand_gives.size()).take(patch).error, Error::trailing_data);
}

TEST(Hpatchlite, RefusesNumbersOf4GiB) {
    const Buffer patch{'h', 'I', 0, 0x41, 4, 0x90, 0x80, 0x80, 0x80, 0x80, 0};
    EXPECT_EQ(Device(eight, 4).take(patch).error, Error::too_large);
}

TEST(Hpatchlite, GivesTheSameHoweverThePatchComes) {
    const Pair pair = delta_testing::two_builds(20000, 3);
    for (const char* const compress : {"none", "tuz"}) {
        const Buffer patch = patch_of(pair, compress);
        for (const std::size_t in : {1U, 2U, 7U, 1000U}) {
            for (const std::size_t out : {1U, 3U, 256U, 4096U}) {
                Device device(pair.old_image, pair.new_image.size());
                const Outcome outcome =
                    delta_testing::feed(device.decoder, patch, [&] { return in; }, [&] { return out; });
                EXPECT_TRUE(outcome.done) << compress << in << ' ' << out;
                EXPECT_EQ(outcome.image, pair.new_image);
            }
        }
    }
}

TEST(Hpatchlite, NeedsTheDictionaryThatThePatchSays) {
    const Pair pair = delta_testing::two_builds(40000, 3);
    const Buffer patch = patch_of(pair, "tuz");
    const std::uint32_t needed = diff::inspect_patch(patch)->decoder_ram_bytes;
    ASSERT_GT(needed, 4096U);
    EXPECT_EQ(Device(pair.old_image, pair.new_image.size(), needed).take(patch).image, pair.new_image);
    EXPECT_EQ(Device(pair.old_image, pair.new_image.size(), needed - 1).take(patch).error, Error::too_large);
}

TEST(Hpatchlite, GoesOnAnywhereInAPlainPatch) {
    const Pair pair = delta_testing::two_builds(3000, 5);
    const Buffer patch = patch_of(pair, "none");
    Device device(pair.old_image, pair.new_image.size());
    Buffer room(7);
    std::size_t used = 0, made = 0;
    for (;;) {
        const auto p =
            device.decoder.decode(Bytes(patch).subspan(used, std::min<std::size_t>(5, patch.size() - used)), room);
        ASSERT_TRUE(p.has_value());
        used += p->consumed;
        made += p->produced;
        Checkpoint checkpoint;
        ASSERT_TRUE(device.decoder.checkpoint(checkpoint));
        Device other(pair.old_image, pair.new_image.size());
        ASSERT_TRUE(other.decoder.restore(checkpoint, static_cast<std::uint32_t>(made)).has_value());
        const Outcome rest = other.take(Bytes(patch).subspan(checkpoint.payload_offset));
        ASSERT_TRUE(rest.done);
        ASSERT_TRUE(equal(rest.image, Bytes(pair.new_image).subspan(made)));
        if (p->done) break;
    }
}

TEST(Hpatchlite, GoesOnAtTheStartOnlyOfAPackedPatch) {
    const Pair pair = delta_testing::two_builds(3000, 5);
    const Buffer patch = patch_of(pair, "tuz");
    Device device(pair.old_image, pair.new_image.size());
    Checkpoint checkpoint;
    EXPECT_TRUE(device.decoder.checkpoint(checkpoint));
    Buffer room(100);
    ASSERT_TRUE(device.decoder.decode(patch, room).has_value());
    Checkpoint later;
    EXPECT_FALSE(device.decoder.checkpoint(later));
    ASSERT_TRUE(device.decoder.restore(checkpoint, 0).has_value());
    EXPECT_EQ(device.take(patch).image, pair.new_image);
}

TEST(Hpatchlite, RefusesACheckpointThatCannotBe) {
    Device device(eight, 11);
    Checkpoint checkpoint;
    EXPECT_FALSE(device.decoder.restore(checkpoint, 1).has_value());
    checkpoint.payload_offset = 10;
    EXPECT_FALSE(device.decoder.restore(checkpoint, 12).has_value());
    checkpoint.state.fill(0xff);
    EXPECT_FALSE(device.decoder.restore(checkpoint, 5).has_value());
}

}  // namespace
}  // namespace sb
