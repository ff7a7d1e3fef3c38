#include "core/delta/hdiff_steps.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"

namespace sb {
namespace {

using delta_testing::back;
using delta_testing::Buffer;
using delta_testing::Outcome;

Buffer operator+(Buffer a, const Buffer& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// A patch whose numbers are all below 64: new size, old size, covers, step memory, then the body.
Buffer patch_of(std::uint8_t new_bytes, std::uint8_t old_bytes, std::uint8_t covers, std::uint8_t step,
                const Buffer& body) {
    const Buffer magic(hdiff_steps_magic.begin(), hdiff_steps_magic.end());
    return magic + Buffer{new_bytes, old_bytes, covers, step, static_cast<std::uint8_t>(body.size()), 0} + body;
}

const Buffer steps_old{10, 20, 30, 40, 50, 60};

/// Two steps: "7, 10 21 30" and "50 60, 8": the second ends with the empty cover that stands for the end.
const Buffer two_steps_body = Buffer{3, 4, 0, 1, 3, 1, 1, 1, 1, 7} + Buffer{6, 1, 1, 0, 2, 0, 1, 0, 2, 8};
const Buffer two_steps = patch_of(7, 6, 3, 7, two_steps_body);
const Buffer two_steps_image{7, 10, 21, 30, 50, 60, 8};

struct Rig {
    explicit Rig(std::size_t image_bytes, const Buffer& old = steps_old, std::size_t memory = 64)
        : reader(old), work(memory), decoder(static_cast<std::uint32_t>(image_bytes), reader, work) {}
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    MemoryReader reader;
    Buffer work;
    HdiffStepsDecoder decoder;
};

Outcome decode(const Buffer& patch, std::size_t image_bytes, const Buffer& old = steps_old, std::size_t memory = 64) {
    Rig rig(image_bytes, old, memory);
    return delta_testing::feed_whole(rig.decoder, patch);
}

TEST(HdiffSteps, GiveTheNewImage) {
    const Outcome made = decode(two_steps, 7);
    EXPECT_EQ(made.error, Error::none);
    EXPECT_TRUE(made.done);
    EXPECT_EQ(made.image, two_steps_image);
}

TEST(HdiffSteps, GiveItInPiecesOfAnySize) {
    for (std::size_t in = 1; in < 9; ++in) {
        for (std::size_t out = 1; out < 9; ++out) {
            Rig rig(7);
            const Outcome made = delta_testing::feed(rig.decoder, two_steps, [&] { return in; }, [&] { return out; });
            EXPECT_TRUE(made.done);
            EXPECT_EQ(made.image, two_steps_image) << in << ' ' << out;
        }
    }
}

TEST(HdiffSteps, SeekBothWaysFromTheEndOfTheLastCover) {
    // 30 40 from 2 on, 20 one before the last end of 4 less 3, nothing new
    const Outcome made = decode(patch_of(3, 6, 2, 7, Buffer{6, 1, 2, 0, 2, 3 | back, 0, 1, 3}), 3);
    EXPECT_EQ(made.image, (Buffer{30, 40, 20}));
    EXPECT_TRUE(made.done);
}

TEST(HdiffSteps, MayBeEmptyOrWithoutCovers) {
    EXPECT_TRUE(decode(patch_of(0, 6, 0, 0, {}), 0).done);
    EXPECT_TRUE(decode(patch_of(0, 6, 1, 3, Buffer{3, 0, 0, 0, 0}), 0).done);
    EXPECT_EQ(decode(patch_of(2, 6, 1, 3, Buffer{3, 0, 0, 2, 0, 5, 6}), 2).image, (Buffer{5, 6}));
}

struct Refusal {
    const char* what;
    Buffer patch;
    std::size_t image_bytes;
    Error error;
};

TEST(HdiffSteps, RefuseWhatCannotBe) {
    const auto body = [](const Buffer& bytes) { return patch_of(3, 6, 1, 40, bytes); };
    const Refusal refusals[] = {
        {"another format", Buffer{'H', 'D', 'I', 'F', 'F', '1', '3', '&', 0}, 3, Error::malformed},
        {"packed", Buffer{'H', 'D', 'I', 'F', 'F', 'S', 'F', '2', '0', '&', 'z'}, 3, Error::unsupported},
        {"another image size", patch_of(4, 6, 1, 4, {}), 3, Error::malformed},
        {"another old image", patch_of(3, 5, 1, 4, {}), 3, Error::wrong_source},
        {"a step larger than the memory", patch_of(3, 6, 1, 63, {}) /* of 62 */, 3, Error::too_large},
        {"a step larger than announced", patch_of(3, 6, 1, 3, Buffer{3, 1, 0, 0, 3, 3}), 3, Error::bad_patch},
        {"a step without covers", body({0, 1, 3}), 3, Error::bad_patch},
        {"a step beyond the body", body({3, 9, 0, 0, 3, 3}), 3, Error::bad_patch},
        {"a cover beyond the old image", body({3, 1, 4, 0, 3, 3}), 3, Error::bad_patch},
        {"a seek before it", body({3, 1, 1 | back, 0, 3, 3}), 3, Error::bad_patch},
        {"a seek behind it", body({3, 1, 7, 0, 3, 3}), 3, Error::bad_patch},
        {"a cover beyond the new image", body({3, 1, 0, 0, 4, 4}), 3, Error::bad_patch},
        {"new bytes beyond it", body({3, 1, 0, 4, 0, 0, 1, 2, 3, 4}), 3, Error::bad_patch},
        {"new bytes beyond the body", body({3, 1, 0, 3, 0, 0, 1, 2}), 3, Error::bad_patch},
        {"cover numbers cut off", body({2, 1, 0, 0, 3}), 3, Error::truncated},
        {"differences cut off", body({3, 1, 0, 0, 3, 1}), 3, Error::truncated},
        {"differences beyond their bytes", body({3, 3, 0, 0, 3, 0, 2, 1}), 3, Error::bad_patch},
        {"an empty cover before the last", patch_of(3, 6, 2, 40, Buffer{6, 1, 0, 0, 0, 0, 0, 3, 3}), 3,
         Error::bad_patch},
        {"more covers than announced", body({6, 1, 0, 0, 1, 0, 0, 2, 3}), 3, Error::bad_patch},
        {"an image that is not complete", body({3, 1, 0, 0, 2, 2}), 3, Error::bad_patch},
        {"bytes that nobody needs", body({3, 1, 0, 0, 3, 3, 9}), 3, Error::bad_patch},
        {"bytes behind the end", body({3, 1, 0, 0, 3, 3}) + Buffer{9}, 3, Error::trailing_data},
    };
    for (const Refusal& r : refusals) {
        const Outcome made = decode(r.patch, r.image_bytes, steps_old, 62);
        EXPECT_EQ(made.error, r.error) << r.what;
        EXPECT_LE(made.image.size(), r.image_bytes) << r.what;
    }
}

TEST(HdiffSteps, AnyByteChangedOrCutOffNeverMakesMoreThanTheImage) {
    for (std::size_t at = 0; at < two_steps.size(); ++at) {
        EXPECT_FALSE(decode(Buffer(two_steps.begin(), two_steps.begin() + static_cast<std::ptrdiff_t>(at)), 7).done);
        for (unsigned change = 1; change < 256; ++change) {
            Buffer patch = two_steps;
            patch[at] = static_cast<std::uint8_t>(patch[at] ^ change);
            const Outcome made = decode(patch, 7);
            EXPECT_LE(made.image.size(), 7U);
            EXPECT_TRUE(made.error != Error::none || !made.done || made.image.size() == 7);
        }
    }
}

TEST(HdiffSteps, GoOnFromTheCheckpointBeforeAStep) {
    Rig first(7);
    Buffer room(4);
    const auto made = first.decoder.decode(two_steps, room);
    ASSERT_TRUE(made.has_value());
    ASSERT_EQ(made->produced, 4U);
    // without room the next step does not begin
    const auto more = first.decoder.decode(Bytes(two_steps).subspan(made->consumed), {});
    ASSERT_TRUE(more.has_value());
    Checkpoint checkpoint;
    ASSERT_TRUE(first.decoder.checkpoint(checkpoint));
    EXPECT_EQ(checkpoint.payload_offset, made->consumed + more->consumed);

    Rig second(7);
    ASSERT_TRUE(second.decoder.restore(checkpoint, 4).has_value());
    const Outcome rest = delta_testing::feed_whole(second.decoder, Bytes(two_steps).subspan(checkpoint.payload_offset));
    EXPECT_TRUE(rest.done);
    EXPECT_EQ(rest.image, Buffer(two_steps_image.begin() + 4, two_steps_image.end()));
}

TEST(HdiffSteps, HaveNoCheckpointInsideAStep) {
    Rig rig(7);
    Checkpoint checkpoint;
    EXPECT_TRUE(rig.decoder.checkpoint(checkpoint));
    EXPECT_EQ(checkpoint.payload_offset, 0U);
    Buffer room(2);
    ASSERT_TRUE(rig.decoder.decode(Bytes(two_steps).first(5), {}).has_value());
    EXPECT_FALSE(rig.decoder.checkpoint(checkpoint));
    ASSERT_TRUE(rig.decoder.decode(Bytes(two_steps).subspan(5), room).has_value());
    EXPECT_FALSE(rig.decoder.checkpoint(checkpoint));
}

TEST(HdiffSteps, RefuseCheckpointsThatCannotBe) {
    const auto restore = [](std::uint32_t offset, std::uint32_t old_at, std::uint32_t covers, std::uint32_t step,
                            std::uint32_t output) {
        Checkpoint from;
        from.payload_offset = offset;
        store_le(from.state, 0, old_at);
        store_le(from.state, 4, covers);
        store_le(from.state, 8, std::uint32_t{10});
        store_le(from.state, 12, step);
        Rig rig(7);
        return rig.decoder.restore(from, output).has_value();
    };
    EXPECT_TRUE(restore(26, 6, 1, 64, 7));
    EXPECT_TRUE(restore(0, 0, 0, 0, 0));
    EXPECT_FALSE(restore(0, 0, 0, 0, 1));
    EXPECT_FALSE(restore(26, 7, 1, 64, 4));
    EXPECT_FALSE(restore(26, 0, 0, 64, 4));
    EXPECT_FALSE(restore(26, 0, 1, 65, 4));
    EXPECT_FALSE(restore(26, 0, 1, 64, 8));
}

TEST(HdiffSteps, AreMadeByTheFactoryWithTheMemoryThatWasAnnounced) {
    MemoryReader reader{steps_old};
    alignas(4) std::array<std::uint8_t, 64> work{};
    DecoderStorage storage;
    constexpr DecoderEntry known[] = {hdiff_steps_decoder};
    DecoderSetup setup{PayloadFormat::hdiffsf, 7, 7, &reader, work};
    auto decoder = make_decoder(known, setup, storage);
    ASSERT_TRUE(decoder.has_value());
    EXPECT_EQ(delta_testing::feed_whole(**decoder, two_steps).image, two_steps_image);
    setup.decoder_ram_bytes = 6;
    decoder = make_decoder(known, setup, storage);
    ASSERT_TRUE(decoder.has_value());
    EXPECT_EQ(delta_testing::feed_whole(**decoder, two_steps).error, Error::too_large);
}

}  // namespace
}  // namespace sb
