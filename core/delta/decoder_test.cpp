// What all decoders promise, tried on each of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Bench;
using delta_testing::Buffer;
using delta_testing::feed;
using delta_testing::feed_whole;
using delta_testing::Outcome;
using delta_testing::Pair;
using delta_testing::Random;
using delta_testing::two_builds;

Buffer payload_for(PayloadFormat format, const Pair& pair, std::uint32_t segment_bytes, std::uint32_t ram) {
    if (format == PayloadFormat::raw) return pair.new_image;
    diff::DiffOptions options;
    options.segment_bytes = segment_bytes;
    options.ram_bytes = ram;
    options.format = format == PayloadFormat::endsley_lzma ? "endsley" : format_name(format);
    options.compress = "lzma";
    if (format == PayloadFormat::endsley || format == PayloadFormat::hdiffsf) options.compress = "none";
    if (format == PayloadFormat::hpatchlite) options.compress = "tuz";
    if (format == PayloadFormat::vcdiff) {
        options.compress = "interleaved";
        options.window_bytes = segment_bytes != 0 ? segment_bytes : ram;
        options.ram_bytes = 0;
    }
    return diff::make_patch(pair.old_image, pair.new_image, options).bytes;
}

class EveryDecoder : public ::testing::TestWithParam<PayloadFormat> {
protected:
    static constexpr std::size_t image_bytes = 12000;
    static constexpr std::uint32_t segment_bytes = 2048;

    /// Made once: some encoders take their time.
    static const Pair& the_pair() {
        static const Pair made = two_builds(image_bytes, 7);
        return made;
    }
    static const Buffer& payload_of(PayloadFormat format) {
        static std::map<PayloadFormat, Buffer> made;
        Buffer& payload = made[format];
        if (payload.empty()) payload = payload_for(format, the_pair(), segment_bytes, 4096);
        return payload;
    }

    const Pair& pair = the_pair();
    const Buffer& payload = payload_of(GetParam());
    Bench bench() const { return {GetParam(), pair.new_image.size(), pair.old_image}; }
};

INSTANTIATE_TEST_SUITE_P(Formats, EveryDecoder,
                         ::testing::Values(PayloadFormat::raw, PayloadFormat::lzma, PayloadFormat::endsley,
                                           PayloadFormat::endsley_lzma, PayloadFormat::hpatchlite,
                                           PayloadFormat::vcdiff, PayloadFormat::hdiffsf),
                         [](const auto& param_info) {
                             std::string name(format_name(param_info.param));
                             std::ranges::replace(name, '+', '_');
                             return name;
                         });

TEST_P(EveryDecoder, MakesTheNewImage) {
    Bench b = bench();
    const Outcome outcome = feed_whole(*b.decoder, payload);
    EXPECT_EQ(outcome.error, Error::none);
    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.image, pair.new_image);
}

TEST_P(EveryDecoder, TakesInputAndGivesOutputInPiecesOfAnySize) {
    for (const unsigned in : {1U, 2U, 3U, 7U, 19U, 20U, 21U, 255U, 1024U}) {
        for (const unsigned out : {1U, 3U, 64U, 4096U}) {
            Bench b = bench();
            const Outcome outcome = feed(*b.decoder, payload, [&] { return in; }, [&] { return out; });
            ASSERT_TRUE(outcome.done) << in << " in, " << out << " out";
            ASSERT_EQ(outcome.image, pair.new_image) << in << " in, " << out << " out";
        }
    }
}

TEST_P(EveryDecoder, TakesInputInRandomPieces) {
    Random random(11);
    for (int round = 0; round < 50; ++round) {
        Bench b = bench();
        const Outcome outcome =
            feed(*b.decoder, payload, [&] { return random() % 60; }, [&] { return 1 + random() % 300; });
        ASSERT_TRUE(outcome.done) << "round " << round;
        ASSERT_EQ(outcome.image, pair.new_image) << "round " << round;
    }
}

TEST_P(EveryDecoder, SplitsItsInputAnywhere) {
    const Pair small = two_builds(700, 3);
    const Buffer patch = payload_for(GetParam(), small, 256, 4096);
    for (std::size_t split = 0; split <= patch.size(); ++split) {
        Bench b(GetParam(), small.new_image.size(), small.old_image);
        std::size_t piece = split;
        const Outcome outcome = feed(
            *b.decoder, patch, [&] { return std::exchange(piece, patch.size()); }, [] { return std::size_t{100}; });
        ASSERT_TRUE(outcome.done) << "split at " << split;
        ASSERT_EQ(outcome.image, small.new_image) << "split at " << split;
    }
}

TEST_P(EveryDecoder, IsNotDoneWhenItsInputIsCut) {
    const Pair small = two_builds(700, 3);
    const Buffer patch = payload_for(GetParam(), small, 256, 4096);
    for (std::size_t kept = 0; kept < patch.size(); ++kept) {
        Bench b(GetParam(), small.new_image.size(), small.old_image);
        const Outcome outcome = feed_whole(*b.decoder, Bytes(patch).first(kept));
        ASSERT_FALSE(outcome.done) << kept << " of " << patch.size() << " bytes";
        ASSERT_EQ(outcome.error, Error::none) << kept << " of " << patch.size() << " bytes";
    }
}

TEST_P(EveryDecoder, StaysInBoundsWhateverBitIsFlipped) {
    const Pair small = two_builds(500, 5);
    const Buffer patch = payload_for(GetParam(), small, 128, 4096);
    for (std::size_t bit = 0; bit < patch.size() * 8; ++bit) {
        Buffer flipped = patch;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
        Bench b(GetParam(), small.new_image.size(), small.old_image);
        const Outcome outcome = feed_whole(*b.decoder, flipped, 33);
        ASSERT_LE(outcome.image.size(), small.new_image.size());
        if (outcome.done && outcome.error == Error::none) {
            ASSERT_EQ(outcome.image.size(), small.new_image.size()) << "bit " << bit;
        }
    }
}

TEST_P(EveryDecoder, StaysInBoundsOnNoise) {
    Random random(99);
    for (int round = 0; round < 300; ++round) {
        Buffer noise = payload;
        for (int i = 0; i < 20; ++i) noise[24 + random() % (noise.size() - 24)] = static_cast<std::uint8_t>(random());
        Bench b = bench();
        const Outcome outcome =
            feed(*b.decoder, noise, [&] { return random() % 500; }, [] { return std::size_t{777}; });
        ASSERT_LE(outcome.image.size(), pair.new_image.size());
    }
}

TEST_P(EveryDecoder, IsDoneAgainWithoutInputAndRefusesMore) {
    Bench b = bench();
    ASSERT_TRUE(feed_whole(*b.decoder, payload).done);
    const auto again = b.decoder->decode({}, {});
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->done);
    const Buffer more(1);
    EXPECT_EQ(b.decoder->decode(more, {}).error(), Error::trailing_data);
}

TEST_P(EveryDecoder, LeavesBytesAfterTheEndAndRefusesThem) {
    Buffer longer = payload;
    longer.push_back(0);
    Bench b = bench();
    const Outcome outcome = feed_whole(*b.decoder, longer);
    EXPECT_EQ(outcome.image, pair.new_image);
    EXPECT_EQ(outcome.error, Error::trailing_data);
}

/// Decodes in output pages, and after each page takes what input goes without output, as an installer does; keeps
/// each checkpoint with its output.
struct Kept {
    Checkpoint checkpoint;
    std::uint32_t output_bytes;
};
std::vector<Kept> checkpoints_of(Decoder& decoder, Bytes payload, std::size_t page) {
    std::vector<Kept> kept;
    std::size_t used = 0;
    std::uint32_t made = 0;
    Buffer room(page);
    for (std::size_t filled = 0;;) {
        const auto p = decoder.decode(payload.subspan(used), MutableBytes(room).subspan(filled));
        if (!p) return {};
        used += p->consumed;
        filled += p->produced;
        made += static_cast<std::uint32_t>(p->produced);
        Checkpoint here;
        if (decoder.checkpoint(here)) kept.push_back({here, made});
        if (p->done) return kept;
        if (p->consumed == 0 && p->produced == 0 && filled < page) return {};
        if (filled == page && p->consumed == 0) filled = 0;
    }
}

TEST_P(EveryDecoder, GoesOnFromEveryCheckpoint) {
    Bench first = bench();
    const std::vector<Kept> kept = checkpoints_of(*first.decoder, payload, 512);
    ASSERT_EQ(kept.empty(), GetParam() == PayloadFormat::hpatchlite);  // packed by tinyuz: only before its first byte
    for (const Kept& k : kept) {
        Bench b = bench();
        ASSERT_TRUE(b.decoder->restore(k.checkpoint, k.output_bytes).has_value()) << "at " << k.output_bytes;
        const Outcome outcome = feed(
            *b.decoder, Bytes(payload).subspan(k.checkpoint.payload_offset), [] { return std::size_t{100}; },
            [] { return std::size_t{512}; });
        EXPECT_TRUE(outcome.done) << "at " << k.output_bytes;
        EXPECT_TRUE(equal(outcome.image, Bytes(pair.new_image).subspan(k.output_bytes))) << "at " << k.output_bytes;
    }
}

TEST_P(EveryDecoder, HasACheckpointAtEverySegmentsEndWhenTheOutputIsFull) {
    if (GetParam() == PayloadFormat::hpatchlite || GetParam() == PayloadFormat::hdiffsf)
        GTEST_SKIP() << "has no segments of so many bytes";
    Bench b = bench();
    const std::vector<Kept> kept = checkpoints_of(*b.decoder, payload, segment_bytes);
    for (std::uint32_t end = segment_bytes; end < pair.new_image.size(); end += segment_bytes)
        EXPECT_TRUE(std::ranges::any_of(kept, [&](const Kept& k) { return k.output_bytes == end; })) << end;
}

TEST_P(EveryDecoder, GoesBackToItsStartAfterAnError) {
    Bench b = bench();
    Checkpoint start;
    ASSERT_TRUE(b.decoder->checkpoint(start));
    EXPECT_EQ(start.payload_offset, 0U);
    const Buffer noise(5000, 0xff);
    (void)feed_whole(*b.decoder, noise);
    ASSERT_TRUE(b.decoder->restore(start, 0).has_value());
    EXPECT_EQ(feed_whole(*b.decoder, payload).image, pair.new_image);
}

TEST_P(EveryDecoder, RefusesCheckpointsThatCannotBe) {
    Bench b = bench();
    const auto size = static_cast<std::uint32_t>(pair.new_image.size());
    Checkpoint c;
    EXPECT_EQ(b.decoder->restore(c, 1).error(), Error::malformed);  // output without payload
    EXPECT_EQ(b.decoder->restore(c, size + 1).error(), Error::malformed);
    c.payload_offset = 100;
    c.state.fill(0xff);
    EXPECT_EQ(b.decoder->restore(c, 10).error(), Error::malformed);
}

TEST_P(EveryDecoder, MakesAnEmptyImage) {
    const Pair empty{pair.old_image, {}};
    const Buffer patch = payload_for(GetParam(), empty, 0, 4096);
    Bench b(GetParam(), 0, empty.old_image);
    EXPECT_TRUE(feed_whole(*b.decoder, patch).done);
    Buffer longer = patch;
    longer.push_back(0);
    Bench c(GetParam(), 0, empty.old_image);
    EXPECT_EQ(feed_whole(*c.decoder, longer).error, Error::trailing_data);
}

TEST_P(EveryDecoder, MakesAnImageFromAnEmptyOne) {
    const Pair fresh{{}, pair.new_image};
    const Buffer patch = payload_for(GetParam(), fresh, 0, 4096);
    Bench b(GetParam(), fresh.new_image.size(), {});
    EXPECT_EQ(feed_whole(*b.decoder, patch).image, fresh.new_image);
}

TEST_P(EveryDecoder, NeverMakesMoreThanAnnounced) {
    for (const std::size_t announced : {std::size_t{0}, std::size_t{1}, pair.new_image.size() - 1}) {
        Bench b(GetParam(), announced, pair.old_image);
        const Outcome outcome = feed_whole(*b.decoder, payload);
        EXPECT_LE(outcome.image.size(), announced);
        EXPECT_NE(outcome.error, Error::none);
    }
}

/// An old image in a part that fails.
class BrokenReader final : public Reader {
public:
    [[nodiscard]] std::uint32_t bytes() const override { return 1U << 20; }
    [[nodiscard]] Result<void> read(std::uint32_t, MutableBytes) override { return fail(Error::unreadable); }
};

TEST(EndsleyDecoders, PassOnTheFailureOfTheOldImage) {
    const Pair pair = two_builds(3000, 1);
    for (const PayloadFormat format : {PayloadFormat::endsley, PayloadFormat::endsley_lzma}) {
        BrokenReader broken;
        std::vector<std::uint32_t> work(decoder_ram_bytes(format, 1U << 14) / 4);
        DecoderSetup setup{format, static_cast<std::uint32_t>(pair.new_image.size()), 0, &broken,
                           MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4)};
        setup.decoder_ram_bytes = static_cast<std::uint32_t>(setup.work.size());
        DecoderStorage storage;
        Decoder* const decoder = *make_decoder(all_decoders, setup, storage);
        EXPECT_EQ(feed_whole(*decoder, payload_for(format, pair, 0, 4096)).error, Error::unreadable);
    }
}

TEST(EndsleyDecoders, RefuseAPatchToAnImageOfAnotherSize) {
    const Pair pair = two_builds(3000, 1);
    for (const PayloadFormat format : {PayloadFormat::endsley, PayloadFormat::endsley_lzma}) {
        Bench b(format, pair.new_image.size() + 1, pair.old_image);
        EXPECT_EQ(feed_whole(*b.decoder, payload_for(format, pair, 0, 4096)).error, Error::malformed);
    }
}

}  // namespace
}  // namespace sb
