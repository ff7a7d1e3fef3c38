#include "core/delta/vcdiff.hpp"

#include <gtest/gtest.h>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::feed;
using delta_testing::feed_whole;
using delta_testing::Outcome;
using delta_testing::Pair;

constexpr DecoderEntry known[] = {vcdiff_decoder};

/// The decoder with as much memory as asked for.
struct Device {
    Device(std::size_t image_bytes, Bytes old_image, std::uint32_t ram_bytes)
        : reader(old_image), work((ram_bytes + 3) / 4, 0xdeadbeef) {
        DecoderSetup setup;
        setup.format = PayloadFormat::vcdiff;
        setup.image_bytes = static_cast<std::uint32_t>(image_bytes);
        setup.old_image = &reader;
        setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
        setup.decoder_ram_bytes = ram_bytes;
        decoder = *make_decoder(known, setup, storage);
    }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    MemoryReader reader;
    std::vector<std::uint32_t> work;
    DecoderStorage storage;
    Decoder* decoder;
};

diff::Patch patch_of(const Pair& pair, const char* compress, std::uint32_t window_bytes) {
    diff::DiffOptions options;
    options.format = "vcdiff";
    options.compress = compress;
    options.window_bytes = window_bytes;
    return diff::make_patch(pair.old_image, pair.new_image, options);
}

Outcome decode(Bytes patch, std::size_t image_bytes, Bytes old_image, std::uint32_t ram_bytes) {
    Device device(image_bytes, old_image, ram_bytes);
    return feed_whole(*device.decoder, patch);
}

// Two images for patches written by hand.
const Buffer hand_old{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};
const Buffer hand_new{'b', 'c', 'd', 'e', 'f', 'X', 'Y', 'Z', 'Z', 'Z',
                      'h', 'b', 'c', 'd', 'X', 'Y', 'X', 'Y', 'X', 'Y'};
/// A window of one instruction and what it carries, behind a source of `hand_old`.
Buffer one_window(std::uint8_t target_bytes, const Buffer& data, const Buffer& instructions, const Buffer& addresses) {
    Buffer patch{0xd6, 0xc3, 0xc4, 0, 0, 1, 8, 0};
    patch.push_back(static_cast<std::uint8_t>(5 + data.size() + instructions.size() + addresses.size()));
    patch.push_back(target_bytes);
    patch.push_back(0);
    for (const Buffer* section : {&data, &instructions, &addresses})
        patch.push_back(static_cast<std::uint8_t>(section->size()));
    for (const Buffer* section : {&data, &instructions, &addresses})
        patch.insert(patch.end(), section->begin(), section->end());
    return patch;
}

Outcome decode_by_hand(const Buffer& patch, std::size_t image_bytes = 20) {
    return decode(patch, image_bytes, hand_old, 4096);
}

TEST(Vcdiff, CarriesOutEveryInstruction) {
    const Buffer data{'X', 'Y', 'Z', 'X', 'Y'};
    const Buffer instructions{20 + 1,          // copy 5 …
                              3,               // add 2
                              0,           3,  // run 3
                              19 + 16,     1,  // copy 1, by its distance from here
                              19 + 16 * 7, 3,  // copy 3, an address of the "same" cache
                              3,               // add 2
                              20 + 16};        // copy 4: what it makes itself, in part
    const Buffer addresses{1, 18 - 7, 1, 2};
    // the "same" cache holds address 1 at place 1: mode 6; place 257 would be mode 7 and hold nothing (address 0)
    Buffer with_same = instructions;
    with_same[6] = 19 + 16 * 6;
    const Outcome outcome = decode_by_hand(one_window(20, data, with_same, addresses));
    EXPECT_EQ(outcome.error, Error::none);
    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.image, hand_new);
    const Outcome other = decode_by_hand(one_window(20, data, instructions, addresses));
    EXPECT_EQ(other.image[11], 'a');  // address 0 of an empty place
}

TEST(Vcdiff, CopiesAcrossTheEndOfTheSource) {
    const Outcome outcome = decode_by_hand(one_window(10, {'X'}, {2, 19, 9}, {6}), 10);
    EXPECT_EQ(outcome.image, (Buffer{'X', 'g', 'h', 'X', 'g', 'h', 'X', 'g', 'h', 'X'}));
}

TEST(Vcdiff, TakesInstructionsOfNoBytes) {
    const Outcome outcome = decode_by_hand(one_window(1, {'X', 'Q'}, {1, 0, 2, 0, 0, 19, 0}, {3}), 1);
    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.image, (Buffer{'X'}));
}

TEST(Vcdiff, RefusesWhatGoesBeyondItsBounds) {
    const struct {
        const char* what;
        Buffer patch;
        Error error;
    } cases[] = {
        {"more than the window", one_window(3, {1, 2, 3, 4}, {5}, {}), Error::bad_patch},
        {"a run beyond the window", one_window(3, {1}, {0, 4}, {}), Error::bad_patch},
        {"a copy beyond the window", one_window(3, {}, {20}, {0}), Error::bad_patch},
        {"a copy of what is not made yet", one_window(8, {}, {24}, {8}), Error::bad_patch},
        {"less than the window", one_window(3, {1, 2}, {3}, {}), Error::malformed},
        {"data left over", one_window(2, {1, 2, 3}, {3}, {}), Error::malformed},
        {"addresses left over", one_window(2, {1, 2}, {3}, {0}), Error::malformed},
        {"too little data", one_window(3, {1, 2}, {4}, {}), Error::malformed},
        {"no address", one_window(4, {}, {20}, {}), Error::malformed},
        {"half an instruction", one_window(4, {}, {19}, {}), Error::malformed},
        {"more than the image", one_window(21, Buffer(21), {1, 21}, {}), Error::bad_patch},
    };
    for (const auto& c : cases) EXPECT_EQ(decode_by_hand(c.patch).error, c.error) << c.what;
}

TEST(Vcdiff, RefusesWhatDevicesDoNotDo) {
    const Buffer good = one_window(2, {1, 2}, {3}, {});
    const auto changed = [&](std::size_t at, std::uint8_t to) {
        Buffer patch = good;
        patch[at] = to;
        return decode_by_hand(patch, 2).error;
    };
    EXPECT_EQ(changed(0, 0xd6), Error::none);
    EXPECT_EQ(changed(5, 2), Error::unsupported);   // copies from the window before
    EXPECT_EQ(changed(10, 1), Error::unsupported);  // data are packed
    EXPECT_EQ(changed(3, 7), Error::unsupported);   // version
    EXPECT_EQ(changed(6, 9), Error::bad_patch);     // source beyond the old image
    EXPECT_EQ(changed(7, 1), Error::bad_patch);
}

TEST(Vcdiff, ComparesTheChecksumBeforeAnyByteIsGivenOut) {
    Buffer patch = one_window(2, {1, 2}, {3}, {});
    patch[5] |= 4;
    const std::uint32_t checksum = adler32(1, Buffer{1, 2});
    patch[8] = static_cast<std::uint8_t>(patch[8] + 4);
    for (unsigned i = 0; i < 4; ++i)
        patch.insert(patch.begin() + 14 + static_cast<std::ptrdiff_t>(i),
                     static_cast<std::uint8_t>(checksum >> (24 - 8 * i)));
    EXPECT_EQ(decode_by_hand(patch, 2).image, (Buffer{1, 2}));
    patch[17] ^= 1;
    const Outcome outcome = decode_by_hand(patch, 2);
    EXPECT_EQ(outcome.error, Error::bad_patch);
    EXPECT_TRUE(outcome.image.empty());
}

TEST(Vcdiff, GivesTheNewImageHoweverItIsFed) {
    const Pair pair = delta_testing::two_builds(40000, 21);
    for (const char* form : {"none", "interleaved"}) {
        const diff::Patch patch = patch_of(pair, form, 4096);
        ASSERT_EQ(patch.payload, PayloadFormat::vcdiff);
        for (const std::size_t in : {1U, 7U, 4096U}) {
            for (const std::size_t out : {1U, 100U, 65536U}) {
                Device device(pair.new_image.size(), pair.old_image, patch.decoder_ram_bytes);
                const Outcome outcome = feed(*device.decoder, patch.bytes, [&] { return in; }, [&] { return out; });
                EXPECT_TRUE(outcome.done) << form << in << ' ' << out;
                EXPECT_EQ(outcome.image, pair.new_image);
            }
        }
    }
}

TEST(Vcdiff, NeedsAsMuchMemoryAsThePatchSaysAndNotLess) {
    const Pair pair = delta_testing::two_builds(20000, 3);
    for (const char* form : {"none", "interleaved"}) {
        const diff::Patch patch = patch_of(pair, form, 4096);
        const auto ram = patch.decoder_ram_bytes;
        EXPECT_TRUE(decode(patch.bytes, pair.new_image.size(), pair.old_image, ram).done);
        for (const std::uint32_t less : {ram - 1, ram / 2, vcdiff_small_cache_bytes - 4, 4U, 0U})
            EXPECT_EQ(decode(patch.bytes, pair.new_image.size(), pair.old_image, less).error, Error::too_large) << less;
    }
    EXPECT_EQ(patch_of(pair, "interleaved", 4096).decoder_ram_bytes, vcdiff_small_cache_bytes + 4096);
}

TEST(Vcdiff, KeepsWithinTwoKilobytesBesidesTheWindow) {
    EXPECT_LE(sizeof(VcdiffDecoder) + vcdiff_small_cache_bytes, 2048U);
}

TEST(Vcdiff, GoesOnFromTheEndOfEveryWindow) {
    const Pair pair = delta_testing::two_builds(20000, 5);
    for (const char* form : {"none", "interleaved"}) {
        const diff::Patch patch = patch_of(pair, form, 4096);
        Device first(pair.new_image.size(), pair.old_image, patch.decoder_ram_bytes);
        Buffer room(700);
        Checkpoint checkpoint;
        ASSERT_TRUE(first.decoder->checkpoint(checkpoint));
        std::size_t used = 0, made = 0, seen = 0;
        for (bool done = false; !done;) {
            const auto p = first.decoder->decode(Bytes(patch.bytes).subspan(used), room);
            ASSERT_TRUE(p.has_value());
            used += p->consumed;
            made += p->produced;
            done = p->done;
            if (!first.decoder->checkpoint(checkpoint)) continue;
            ++seen;
            Device second(pair.new_image.size(), pair.old_image, patch.decoder_ram_bytes);
            ASSERT_TRUE(second.decoder->restore(checkpoint, static_cast<std::uint32_t>(made)).has_value());
            const Outcome rest = feed_whole(*second.decoder, Bytes(patch.bytes).subspan(checkpoint.payload_offset));
            EXPECT_TRUE(rest.done);
            EXPECT_TRUE(equal(rest.image, Bytes(pair.new_image).subspan(made)));
        }
        EXPECT_EQ(seen, (pair.new_image.size() + 4095) / 4096);
    }
}

TEST(Vcdiff, RefusesACheckpointThatCannotBe) {
    Device device(100, hand_old, 4096);
    Checkpoint checkpoint;
    EXPECT_EQ(device.decoder->restore(checkpoint, 101).error(), Error::malformed);
    EXPECT_EQ(device.decoder->restore(checkpoint, 1).error(), Error::malformed);
    EXPECT_TRUE(device.decoder->restore(checkpoint, 0).has_value());
    EXPECT_TRUE(feed_whole(*device.decoder, one_window(100, {7}, {0, 100}, {})).done);
}

TEST(Vcdiff, EndsAtTheImagesEndAndTakesNothingMore) {
    Buffer patch = one_window(2, {1, 2}, {3}, {});
    EXPECT_FALSE(decode_by_hand(patch, 3).done);
    patch.push_back(0);
    EXPECT_EQ(decode_by_hand(patch, 2).error, Error::trailing_data);
    const Buffer nothing{0xd6, 0xc3, 0xc4, 0, 0};
    EXPECT_TRUE(decode_by_hand(nothing, 0).done);
}

TEST(Vcdiff, EndsEveryTruncationAndChangeInAnErrorOrIncompleteOrCaughtByTheChecksum) {
    const Pair pair = delta_testing::two_builds(1500, 2);
    for (const char* form : {"none", "interleaved"}) {
        const diff::Patch patch = patch_of(pair, form, 1024);
        const auto attempt = [&](Bytes bytes) {
            return decode(bytes, pair.new_image.size(), pair.old_image, patch.decoder_ram_bytes);
        };
        for (std::size_t kept = 0; kept < patch.bytes.size(); ++kept)
            EXPECT_FALSE(attempt(Bytes(patch.bytes).first(kept)).done) << kept;
        Buffer changed = patch.bytes;
        for (std::size_t at = 0; at < changed.size(); ++at) {
            for (const unsigned change : {1U, 0x80U, 0xffU}) {
                changed[at] = static_cast<std::uint8_t>(patch.bytes[at] ^ change);
                const Outcome outcome = attempt(changed);
                EXPECT_LE(outcome.image.size(), pair.new_image.size());
                if (!outcome.done || outcome.error != Error::none) continue;
                EXPECT_EQ(outcome.image, pair.new_image) << form << at;
            }
            changed[at] = patch.bytes[at];
        }
    }
}

}  // namespace
}  // namespace sb
