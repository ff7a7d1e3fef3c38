// An update in place, done: the old image stands in a flash, shifted; a device's decoder writes the new one over it,
// erase unit by erase unit, while it reads the old one from there, and loses its power in every segment.
#include <gtest/gtest.h>

#include "tools/diff/sbd/preamble_writer.hpp"
#include "tools/diff/sbd/testing.hpp"

namespace sb::sbd_testing {
namespace {

constexpr std::uint32_t unit = 1024;

/// Both images in one flash. To write the first byte of a unit erases the unit.
class SharedFlash {
public:
    SharedFlash(Bytes old_image, std::uint32_t shift, std::uint32_t memory_bytes)
        : bytes(memory_bytes, 0xff), old_reader(Bytes(bytes).subspan(shift, old_image.size())), made_reader(bytes) {
        std::ranges::copy(old_image, bytes.begin() + static_cast<std::ptrdiff_t>(shift));
    }
    SharedFlash(const SharedFlash&) = delete;
    SharedFlash& operator=(const SharedFlash&) = delete;

    void write(std::size_t at, Bytes data) {
        for (const std::uint8_t byte : data) {
            if (at % unit == 0) spoil(at, at + 1, 0xff);
            EXPECT_EQ(bytes[at], 0xff) << "byte " << at << " is written twice, or its unit was not erased";
            bytes[at++] = byte;
        }
    }
    /// What was underway there when the power went is anything.
    void spoil(std::size_t from, std::size_t end, std::uint8_t with) {
        end = std::min(bytes.size(), (end + unit - 1) / unit * unit);
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(end),
                  with);
    }

    Buffer bytes;
    MemoryReader old_reader;
    MemoryReader made_reader;
};

/// What a device knows after a reset: the patch, and how far it was at the end of the last segment.
struct Journal {
    Checkpoint checkpoint;
    std::uint32_t made = 0;
};

class InPlaceDevice {
public:
    InPlaceDevice(Bytes patch, SharedFlash& flash, std::uint32_t image_bytes)
        : parts_(patch), flash_(flash), image_bytes_(image_bytes) {}

    /// Decodes from the journal's point to the end of a segment, which is recorded unless the power goes before:
    /// after `until` bytes of the segment. True when the image is complete.
    bool segment(Journal& journal, std::uint32_t until) {
        DecoderStorage storage;
        std::vector<std::uint64_t> work((sbd::budget_bytes(Budget::k16) + host_extra_bytes) / 8);
        DecoderSetup setup;
        setup.format = PayloadFormat::sbd;
        setup.image_bytes = image_bytes_;
        setup.decoder_ram_bytes = sbd::budget_bytes(Budget::k16);
        setup.old_image = &flash_.old_reader;
        setup.made_image = &flash_.made_reader;
        setup.work = MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
        setup.payload_bytes = static_cast<std::uint32_t>(parts_.payload.size());
        setup.parameters = parts_.preamble;
        const auto decoder = make_decoder(all_decoders, setup, storage);
        if (!decoder || !(*decoder)->restore(journal.checkpoint, journal.made)) {
            ADD_FAILURE() << "no decoder";
            return true;
        }
        std::size_t used = journal.checkpoint.payload_offset;
        std::uint32_t at = journal.made;
        for (;;) {
            const std::uint32_t left = journal.made + until - at;
            Buffer page(std::min<std::uint32_t>(256, left));
            const auto p = (*decoder)->decode(parts_.payload.subspan(used), page);
            if (!p || (p->consumed == 0 && p->produced == 0 && !p->done)) {
                ADD_FAILURE() << "the patch is refused";
                return true;
            }
            used += p->consumed;
            flash_.write(at, Bytes(page).first(p->produced));
            at += static_cast<std::uint32_t>(p->produced);
            if (at - journal.made == until) return power_goes(journal.made, at);
            if (p->done) return true;
            Checkpoint reached;
            if (at == journal.made || !(*decoder)->checkpoint(reached)) continue;
            journal = {reached, at};
            return false;
        }
    }

private:
    bool power_goes(std::uint32_t from, std::uint32_t at) {
        flash_.spoil(from, at, 0x5a);
        return false;
    }

    Split parts_;
    SharedFlash& flash_;
    std::uint32_t image_bytes_;
};

struct Update {
    Pair pair;
    diff::SbdOptions options;
    const char* name;
};

std::vector<Update> updates() {
    std::vector<Update> made;
    const auto add = [&](Pair pair, diff::SbdOptions options, std::uint32_t slack, std::uint32_t segment,
                         const char* name) {
        const std::size_t larger = std::max(pair.old_image.size(), pair.new_image.size());
        const auto memory = static_cast<std::uint32_t>((larger + slack + unit - 1) / unit * unit);
        options.in_place = diff::InPlace{.memory_bytes = memory, .erase_bytes = unit};
        if (segment != 0) options.segment_bytes = segment;
        made.push_back({std::move(pair), options, name});
    };
    diff::SbdOptions fast;
    fast.level = fast.threads = 1;
    for (const std::uint32_t slack : {0U, 4096U, 16384U}) {
        add(delta_testing::two_builds(30000, 3), fast, slack, 2048, "segments of 2 KB");
        add(delta_testing::two_builds(30000, 4), fast, slack, 0, "the encoder's own segments");
        Pair shrinks = delta_testing::two_builds(24000, 5);
        shrinks.new_image.resize(15000);
        add(shrinks, fast, slack, 1024, "a smaller image");
        Pair grows = delta_testing::two_builds(24000, 6);
        grows.old_image.resize(15000);
        add(grows, fast, slack, 4096, "a larger image");
        for (const Calls& calls : {all_calls[0], all_calls[1]}) {
            Pair pair = moved_calls(calls, 12000, 64, 7);
            const auto options = options_for(pair, calls.architecture, calls.base);
            add(std::move(pair), options, slack, 3072, calls.name);
        }
    }
    return made;
}

std::uint32_t shift_of(Bytes patch) {
    return diff::open_sbd(patch).prepared.plan.shift_bytes;
}

TEST(InPlace, MakesTheImageOverTheOldOneThoughThePowerGoesInEverySegment) {
    for (const Update& update : updates()) {
        const Buffer patch = patch_of(update.pair, update.options);
        const std::uint32_t memory = update.options.in_place->memory_bytes, shift = shift_of(patch);
        SCOPED_TRACE(testing::Message() << update.name << ", " << memory << " bytes of flash, shift " << shift);
        ASSERT_TRUE(on_host(update.pair.old_image, patch) == update.pair.new_image);
        if ((diff::open_sbd(patch).prepared.plan.flags & sbd::stored) != 0) continue;
        const auto image_bytes = static_cast<std::uint32_t>(update.pair.new_image.size());
        SharedFlash flash(update.pair.old_image, shift, memory);
        InPlaceDevice device(patch, flash, image_bytes);
        const sbd::Plan plan = diff::open_sbd(patch).prepared.plan;
        Journal journal;
        for (bool done = false; !done;) {
            const std::uint32_t all = plan.end_of_segment(journal.made) - journal.made;
            // with next to nothing written, with some units, and with all of it, but not recorded
            for (const std::uint32_t until : {1U, all / 2 + 1, all}) {
                ASSERT_FALSE(device.segment(journal, until));
                if (HasFailure()) return;
            }
            done = device.segment(journal, all + 1);
            if (HasFailure()) return;
        }
        EXPECT_TRUE(std::ranges::equal(Bytes(flash.bytes).first(image_bytes), update.pair.new_image));
    }
}

/// Of a patch for two slots: the same but for what it says of itself, and its way through the old image.
struct Dishonest {
    explicit Dishonest(const Pair& pair) {
        diff::SbdOptions options;
        options.level = options.threads = 1;
        options.segment_bytes = 4096;
        const Buffer honest = patch_of(pair, options);
        const diff::SbdPatch opened = diff::open_sbd(honest);
        plan = opened.prepared.plan;
        plan.flags |= sbd::in_place;
        plan.erase_bytes = unit;
        plan.shift_bytes = 2048;
        relabelled = diff::write_preamble(plan, opened.prepared.tables.map.blocks().all());
        relabelled.insert(relabelled.end(), honest.begin() + opened.preamble_bytes, honest.end());
        diff::SbdAccount account;
        const auto runs = diff::decode_sbd(pair.old_image, honest, &account).runs;
        reads_what_is_gone = diff::code_image(plan, pair.old_image, pair.new_image, {}, runs).patch();
    }
    sbd::Plan plan;
    Buffer relabelled;          ///< wants bytes that are gone
    Buffer reads_what_is_gone;  ///< knows that they read as zero
};

TEST(InPlace, RefusesAPatchThatWantsWhatIsOverwritten) {
    const Pair pair = delta_testing::two_builds(20000, 3);
    const Dishonest patches(pair);
    EXPECT_FALSE(on_host(pair.old_image, patches.relabelled));
    const auto made = on_device(pair.old_image, patches.relabelled, pair.new_image.size());
    EXPECT_FALSE(made && *made == pair.new_image);
}

TEST(InPlace, ReadsZeroWhereTheOldImageIsOverwrittenWhateverStandsThere) {
    const Pair pair = delta_testing::two_builds(20000, 3);
    const Dishonest patches(pair);
    const Buffer& patch = patches.reads_what_is_gone;
    EXPECT_EQ(on_host(pair.old_image, patch), pair.new_image);
    EXPECT_EQ(on_device(pair.old_image, patch, pair.new_image.size()), pair.new_image);

    const auto image_bytes = static_cast<std::uint32_t>(pair.new_image.size());
    SharedFlash flash(pair.old_image, patches.plan.shift_bytes, 24 * 1024);
    InPlaceDevice device(patch, flash, image_bytes);
    Journal journal;
    for (bool done = false; !done;) {
        ASSERT_FALSE(device.segment(journal, patches.plan.end_of_segment(journal.made) - journal.made));
        done = device.segment(journal, image_bytes + 1);
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_TRUE(std::ranges::equal(Bytes(flash.bytes).first(image_bytes), pair.new_image));
}

TEST(InPlace, SegmentsAreWholeEraseUnits) {
    const Pair pair = delta_testing::two_builds(20000, 3);
    diff::SbdOptions options;
    options.level = options.threads = 1;
    options.in_place = diff::InPlace{.memory_bytes = 32768, .erase_bytes = 4096};
    options.segment_bytes = 6144;
    EXPECT_THROW(static_cast<void>(patch_of(pair, options)), diff::OptionError);
    options.segment_bytes.reset();
    const Buffer patch = patch_of(pair, options);
    const sbd::Plan plan = diff::open_sbd(patch).prepared.plan;
    EXPECT_EQ(plan.segment_bytes % 4096, 0U);
    EXPECT_EQ(plan.shift_bytes, (32768 - pair.old_image.size()) / 4096 * 4096) << "all the memory there is";
    sbd::Plan uneven = plan;
    uneven.segment_bytes = 6144;
    Error why = Error::none;
    EXPECT_FALSE(on_host(pair.old_image, diff::write_preamble(uneven, {}), &why));
    EXPECT_EQ(why, Error::malformed);
}

TEST(InPlace, TakesTheSegmentsThatMakeTheSmallestPatch) {
    const Pair pair = delta_testing::two_builds(40000, 8);
    diff::SbdOptions options;
    options.level = 6;
    options.threads = 1;
    options.in_place = diff::InPlace{.memory_bytes = 57344, .erase_bytes = 4096};
    const std::size_t chosen = patch_of(pair, options).size();
    for (const std::uint32_t segment : {4096U, 8192U, 16384U, 32768U, 40000U / 4096 * 4096 + 4096}) {
        options.segment_bytes = segment;
        EXPECT_LE(chosen, patch_of(pair, options).size()) << segment;
    }
}

}  // namespace
}  // namespace sb::sbd_testing
