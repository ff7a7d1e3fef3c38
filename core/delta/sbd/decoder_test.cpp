// What a device's decoder of sbd promises, with patches of the encoder.
#include "core/delta/sbd/decoder.hpp"

#include <gtest/gtest.h>

#include "tools/diff/sbd/testing.hpp"

// A namespace of its own: tests are compiled several files at a time.
namespace sb::sbd_testing::decoder_test {
namespace {

using diff::SbdOptions;

constexpr std::uint32_t segment_bytes = 1024;

struct Sample {
    Pair pair;
    Buffer patch;
};

/// A program of Thumb in segments of 1 KB.
Sample sample_of(Budget budget, std::uint32_t image_bytes = 5000, std::uint32_t segments_of = segment_bytes) {
    Sample sample{moved_calls(all_calls[0], image_bytes, 68, 11), {}};
    SbdOptions options = options_for(sample.pair, Architecture::thumb);
    options.budget = budget;
    options.segment_bytes = segments_of;
    sample.patch = patch_of(sample.pair, options);
    return sample;
}
const Sample& the_sample() {
    static const Sample made = sample_of(Budget::k4);
    return made;
}

void expect_done(Device& device, std::size_t in, std::size_t out, const Buffer& image) {
    ASSERT_TRUE(device.feed(in, out)) << in << " in, " << out << " out, error " << static_cast<int>(device.error);
    ASSERT_TRUE(device.made.image == image) << in << " in, " << out << " out";
}

TEST(SbdDecoder, TakesInputAndGivesOutputInPiecesOfAnySize) {
    const auto& [pair, patch] = the_sample();
    for (const std::size_t in : {1U, 2U, 3U, 7U, 43U, 44U, 45U, 255U, 100000U}) {
        for (const std::size_t out : {1U, 3U, 64U, 1024U, 100000U}) {
            Device device(pair.old_image, patch, pair.new_image.size());
            expect_done(device, in, out, pair.new_image);
        }
    }
}

TEST(SbdDecoder, TakesRandomPieces) {
    const auto& [pair, patch] = the_sample();
    Random random(11);
    for (int round = 0; round < 40; ++round) {
        Device device(pair.old_image, patch, pair.new_image.size());
        ASSERT_TRUE(device.feed(
            0, [&] { return random() % 60; }, [&] { return 1 + random() % 300; }, [](std::size_t) {}))
            << "round " << round;
        ASSERT_TRUE(device.made.image == pair.new_image) << "round " << round;
    }
}

TEST(SbdDecoder, DecodesWhatItsBudgetHoldsAndRefusesMore) {
    for (const Budget of_patch : all_budgets) {
        const Sample sample = sample_of(of_patch, 2000);
        for (const Budget of_device : all_budgets) {
            Device device(sample.pair.old_image, sample.patch, sample.pair.new_image.size(), of_device);
            if (of_device >= of_patch) {
                expect_done(device, 100, 512, sample.pair.new_image);
            } else {
                EXPECT_EQ(device.error, Error::no_decoder);
            }
        }
    }
}

TEST(SbdDecoder, IsNoLargerThanItsBudget) {
    EXPECT_LE(sizeof(SbdDecoder<Budget::k4, sbd::AllFields>), 4096 + host_extra_bytes);
    EXPECT_LE(sizeof(SbdDecoder<Budget::k32, sbd::AllFields>), 32768 + host_extra_bytes);
}

TEST(SbdDecoder, DecodesEveryArchitecture) {
    for (const Calls& calls : all_calls) {
        SCOPED_TRACE(calls.name);
        const Pair pair = moved_calls(calls, 4000, 36, 2);
        SbdOptions options = options_for(pair, calls.architecture, calls.base);
        options.segment_bytes = segment_bytes;
        const Buffer patch = patch_of(pair, options);
        ASSERT_EQ(diff::open_sbd(patch).prepared.plan.ground.architecture, calls.architecture);
        Device device(pair.old_image, patch, pair.new_image.size());
        expect_done(device, 33, 77, pair.new_image);
    }
}

TEST(SbdDecoder, RefusesAnArchitectureThatIsNotLinked) {
    const auto& [pair, patch] = the_sample();
    const Split parts(patch);
    MemoryReader old_image{pair.old_image};
    MadeImage made;
    const auto new_bytes = static_cast<std::uint32_t>(pair.new_image.size());
    const auto old_bytes = static_cast<std::uint32_t>(pair.old_image.size());
    const auto payload_bytes = static_cast<std::uint32_t>(parts.payload.size());
    auto without = std::make_unique<SbdDecoder<Budget::k4, sbd::FieldSet<sbd::A64>>>(old_image, made);
    const auto begun = without->begin(parts.preamble, new_bytes, old_bytes, payload_bytes);
    EXPECT_EQ(begun, Error::no_decoder);
    auto with = std::make_unique<SbdDecoder<Budget::k4, sbd::FieldSet<sbd::Thumb>>>(old_image, made);
    EXPECT_EQ(with->begin(parts.preamble, new_bytes, old_bytes, payload_bytes), Error::none);
}

TEST(SbdDecoder, RefusesWhatItWasNotToldToMake) {
    const auto& [pair, patch] = the_sample();
    for (const std::size_t announced : {std::size_t{0}, pair.new_image.size() - 1, pair.new_image.size() + 1})
        EXPECT_EQ(Device(pair.old_image, patch, announced).error, Error::no_decoder);
    EXPECT_EQ(Device(Bytes(pair.old_image).first(pair.old_image.size() - 1), patch, pair.new_image.size()).error,
              Error::no_decoder);
    EXPECT_EQ(Device(pair.old_image, Bytes(patch).first(4), pair.new_image.size()).error, Error::no_decoder);
}

TEST(SbdDecoder, IsNotDoneWhenItsInputIsCut) {
    const Sample sample = sample_of(Budget::k4, 1500);
    const Split parts(sample.patch);
    for (std::size_t kept = 0; kept < parts.payload.size(); ++kept) {
        Device device(sample.pair.old_image, sample.patch, sample.pair.new_image.size());
        Buffer room(4096);
        for (std::size_t used = 0;;) {  // it waits for more: that is no error
            const auto p = device.decoder()->decode(parts.payload.subspan(used, kept - used), room);
            ASSERT_TRUE(p.has_value()) << kept;
            ASSERT_FALSE(p->done) << kept << " of " << parts.payload.size() << " bytes";
            used += p->consumed;
            device.made.image.insert(device.made.image.end(), room.begin(),
                                     room.begin() + static_cast<std::ptrdiff_t>(p->produced));
            if (p->consumed == 0 && p->produced == 0) break;
        }
    }
}

TEST(SbdDecoder, IsDoneAgainWithoutInputAndRefusesMore) {
    const auto& [pair, patch] = the_sample();
    Device device(pair.old_image, patch, pair.new_image.size());
    ASSERT_TRUE(device.feed());
    const auto again = device.decoder()->decode({}, {});
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->done);
    const Buffer more(1);
    EXPECT_EQ(device.decoder()->decode(more, {}).error(), Error::trailing_data);
}

struct Kept {
    Checkpoint checkpoint;
    std::size_t made;
};
std::vector<Kept> checkpoints_of(const Sample& sample, std::size_t in, std::size_t out) {
    std::vector<Kept> kept;
    Device device(sample.pair.old_image, sample.patch, sample.pair.new_image.size());
    const auto look = [&](std::size_t) {
        Checkpoint here;
        if (device.decoder()->checkpoint(here)) kept.push_back({here, device.made.image.size()});
    };
    look(0);
    EXPECT_TRUE(device.feed(0, [=] { return in; }, [=] { return out; }, look));
    return kept;
}

TEST(SbdDecoder, HasCheckpointsAtTheEndsOfSegmentsAndNowhereElse) {
    const Sample& sample = the_sample();
    for (const std::size_t out : {1U, 100U, 1024U, 100000U}) {
        std::vector<std::size_t> made;
        for (const Kept& kept : checkpoints_of(sample, 10, out))
            if (made.empty() || made.back() != kept.made) made.push_back(kept.made);
        std::vector<std::size_t> expected;
        for (std::size_t end = 0; end < sample.pair.new_image.size(); end += segment_bytes) expected.push_back(end);
        expected.push_back(sample.pair.new_image.size());
        EXPECT_EQ(made, expected) << "output of " << out;
    }
}

TEST(SbdDecoder, GoesOnFromEveryCheckpointInANewObject) {
    for (const Sample& sample : {the_sample(), sample_of(Budget::k16, 20000, 4096)}) {
        const std::vector<Kept> all = checkpoints_of(sample, 10, 512);
        ASSERT_GT(all.size(), 3U);
        for (const Kept& kept : all) {
            if (kept.made == sample.pair.new_image.size()) continue;
            Device device(sample.pair.old_image, sample.patch, sample.pair.new_image.size());
            const auto prefix = sample.pair.new_image.begin();
            device.made.image.assign(prefix, prefix + static_cast<std::ptrdiff_t>(kept.made));
            ASSERT_TRUE(device.decoder()->restore(kept.checkpoint, static_cast<std::uint32_t>(kept.made)).has_value());
            ASSERT_TRUE(device.feed(
                kept.checkpoint.payload_offset, [] { return 100U; }, [] { return 512U; }, [](std::size_t) {}))
                << "from " << kept.made;
            ASSERT_TRUE(device.made.image == sample.pair.new_image) << "from " << kept.made;
        }
    }
}

TEST(SbdDecoder, GoesBackToItsStartAfterAnError) {
    const auto& [pair, patch] = the_sample();
    Device device(pair.old_image, patch, pair.new_image.size());
    Checkpoint start;
    ASSERT_TRUE(device.decoder()->checkpoint(start));
    EXPECT_EQ(start.payload_offset, 0U);
    const Buffer noise(5000, 0xff);
    Buffer room(5000);
    [[maybe_unused]] const auto nonsense = device.decoder()->decode(noise, room);
    ASSERT_TRUE(device.decoder()->restore(start, 0).has_value());
    device.made.image.clear();
    expect_done(device, 100, 100, pair.new_image);
}

TEST(SbdDecoder, RefusesCheckpointsThatCannotBe) {
    const auto& [pair, patch] = the_sample();
    Device device(pair.old_image, patch, pair.new_image.size());
    const auto image_bytes = static_cast<std::uint32_t>(pair.new_image.size());
    Checkpoint c;
    EXPECT_EQ(device.decoder()->restore(c, image_bytes + 1).error(), Error::malformed);
    c.payload_offset = static_cast<std::uint32_t>(device.payload().size()) + 1;
    EXPECT_EQ(device.decoder()->restore(c, segment_bytes).error(), Error::malformed);
}

TEST(SbdDecoder, StaysInBoundsWhereverACheckpointOfNoOneSendsIt) {
    const auto& [pair, patch] = the_sample();
    Random random(5);
    for (int round = 0; round < 300; ++round) {
        Device device(pair.old_image, patch, pair.new_image.size());
        const std::size_t made = random() % pair.new_image.size();
        Checkpoint c;
        c.payload_offset = static_cast<std::uint32_t>(random() % device.payload().size());
        for (auto& b : c.state) b = static_cast<std::uint8_t>(random());
        if (!device.decoder()->restore(c, static_cast<std::uint32_t>(made))) continue;
        device.made.image.assign(made, 0);
        static_cast<void>(device.feed(c.payload_offset, [] { return 50U; }, [] { return 90U; }, [](std::size_t) {}));
        ASSERT_LE(device.made.image.size(), pair.new_image.size());
    }
}

TEST(SbdDecoder, CopiesAStoredImageAndGoesOnAnywhereInIt) {
    Pair pair{{}, Buffer(3000)};
    Random random(7);
    for (auto& b : pair.new_image) b = static_cast<std::uint8_t>(random());
    const Buffer patch = patch_of(pair, options_for(pair, Architecture::none));
    const std::size_t preamble = Split(patch).preamble.size();
    ASSERT_EQ(patch.size(), preamble + 3000);
    Device device({}, patch, 3000);
    expect_done(device, 7, 100, pair.new_image);
    Device second({}, patch, 3000);
    second.made.image.assign(pair.new_image.begin(), pair.new_image.begin() + 1234);
    Checkpoint c;
    c.payload_offset = 1234;
    ASSERT_TRUE(second.decoder()->restore(c, 1234).has_value());
    ASSERT_TRUE(second.feed(1234, [] { return 100U; }, [] { return 100U; }, [](std::size_t) {}));
    EXPECT_TRUE(second.made.image == pair.new_image);
}

/// An old image, or what was made, in a part that fails.
class BrokenReader final : public Reader {
public:
    [[nodiscard]] std::uint32_t bytes() const override { return 1U << 20; }
    [[nodiscard]] Result<void> read(std::uint32_t, MutableBytes) override { return fail(Error::unreadable); }
};

TEST(SbdDecoder, PassesOnTheFailureOfTheOldImage) {
    const auto& [pair, patch] = the_sample();
    const Split parts(patch);
    BrokenReader broken;
    MadeImage made;
    auto decoder = std::make_unique<SbdDecoder<Budget::k4, sbd::AllFields>>(broken, made);
    ASSERT_EQ(decoder->begin(parts.preamble, static_cast<std::uint32_t>(pair.new_image.size()), 1U << 20,
                             static_cast<std::uint32_t>(parts.payload.size())),
              Error::none);
    Buffer room(64);
    const auto p = decoder->decode(parts.payload, room);
    ASSERT_FALSE(p.has_value());
    EXPECT_EQ(p.error(), Error::unreadable);
}

TEST(SbdDecoder, StaysInBoundsOnNoise) {
    const auto& [pair, patch] = the_sample();
    Random random(99);
    for (int round = 0; round < 300; ++round) {
        Buffer noise = patch;
        const std::size_t from = Split(patch).preamble.size();
        for (int i = 0; i < 20; ++i)
            noise[from + random() % (noise.size() - from)] = static_cast<std::uint8_t>(random());
        Device device(pair.old_image, noise, pair.new_image.size());
        static_cast<void>(device.feed(1 + random() % 500, 777));
        ASSERT_LE(device.made.image.size(), pair.new_image.size());
    }
}

}  // namespace
}  // namespace sb::sbd_testing::decoder_test
