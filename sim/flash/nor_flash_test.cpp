#include "sim/flash/nor_flash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sb::sim {
namespace {

Geometry small(std::uint32_t granule = 4) {
    Geometry g;
    g.granule = granule;
    g.reprogram_same = true;
    return g;
}

std::vector<EraseRun> four_pages() {
    return {{4, 256}};
}

std::vector<std::uint8_t> bytes(std::size_t n, std::uint8_t value) {
    return std::vector<std::uint8_t>(n, value);
}

std::vector<std::uint8_t> read_back(NorFlash& flash, std::uint32_t offset, std::size_t n) {
    std::vector<std::uint8_t> out(n);
    EXPECT_TRUE(flash.read(offset, out).has_value());
    return out;
}

void cut_program(NorFlash& flash, std::uint32_t offset, Bytes data, Torn outcome, std::uint64_t seed = 2,
                 WeakReads reads = WeakReads::random) {
    flash.arm({1, outcome, seed, reads});
    const auto result = flash.program(offset, data);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error(), Error::power_lost);
    flash.power_on();
}

void cut_erase(NorFlash& flash, std::uint32_t offset, Torn outcome, std::uint64_t seed = 2,
               WeakReads reads = WeakReads::random) {
    flash.arm({1, outcome, seed, reads});
    EXPECT_EQ(flash.erase(offset).error(), Error::power_lost);
    flash.power_on();
}

TEST(NorFlash, IsErasedWhenNewAndKeepsWhatIsProgrammed) {
    NorFlash flash(small(), four_pages());
    EXPECT_EQ(flash.geometry().bytes, 1024U);
    EXPECT_TRUE(flash.is_blank(0, 1024).value());
    ASSERT_TRUE(flash.program(8, bytes(8, 0x3C)).has_value());
    EXPECT_EQ(read_back(flash, 8, 8), bytes(8, 0x3C));
    EXPECT_FALSE(flash.is_blank(0, 1024).value());
    EXPECT_EQ(flash.content().programs, 1U);
    EXPECT_EQ(flash.content().programmed_bytes, 8U);
}

TEST(NorFlash, EraseReachesOneUnitOnlyAndCountsItsWear) {
    NorFlash flash(small(), {{2, 256}, {1, 512}});
    ASSERT_TRUE(flash.program(252, bytes(8, 0)).has_value());
    ASSERT_TRUE(flash.erase(256).has_value());
    EXPECT_EQ(read_back(flash, 252, 8), (std::vector<std::uint8_t>{0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}));
    ASSERT_TRUE(flash.erase(512).has_value());
    EXPECT_EQ(flash.content().erase_counts, (std::vector<std::uint32_t>{0, 1, 1}));
}

TEST(NorFlash, RefusesWhatThePartForbids) {
    NorFlash flash(small(), four_pages());
    EXPECT_EQ(flash.program(2, bytes(4, 0)).error(), Error::unaligned);
    EXPECT_EQ(flash.program(0, bytes(3, 0)).error(), Error::unaligned);
    EXPECT_EQ(flash.program(1024, bytes(4, 0)).error(), Error::out_of_range);
    EXPECT_EQ(flash.program(0xFFFFFFFC, bytes(8, 0)).error(), Error::out_of_range);
    EXPECT_EQ(flash.erase(4).error(), Error::unaligned);
    EXPECT_EQ(flash.erase(1024).error(), Error::out_of_range);
    ASSERT_TRUE(flash.program(0, bytes(4, 0x0F)).has_value());
    EXPECT_EQ(flash.program(0, bytes(4, 0x0E)).error(), Error::io);
    EXPECT_EQ(flash.rule_breaks(), 4U);
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0x0F));
}

TEST(NorFlash, TakesTheSameBytesAgainOnlyWhereThePartAllows) {
    NorFlash plain(small(), four_pages());
    ASSERT_TRUE(plain.program(0, bytes(4, 0x0F)).has_value());
    EXPECT_TRUE(plain.program(0, bytes(4, 0x0F)).has_value());

    Geometry once = small();
    once.reprogram_same = false;
    NorFlash strict(once, four_pages());
    ASSERT_TRUE(strict.program(0, bytes(4, 0x0F)).has_value());
    EXPECT_EQ(strict.program(0, bytes(4, 0x0F)).error(), Error::io);

    Geometry ecc = small();
    ecc.ecc = true;
    NorFlash coded(ecc, four_pages());
    ASSERT_TRUE(coded.program(0, bytes(4, 0xFF)).has_value());
    EXPECT_EQ(coded.program(0, bytes(4, 0xFF)).error(), Error::io) << "twice, though the bytes look blank";
}

TEST(NorFlash, ProgramsUpwardsWhereBlankReadsZero) {
    Geometry g = small();
    g.erased = 0x00;
    NorFlash flash(g, four_pages());
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0));
    ASSERT_TRUE(flash.program(0, bytes(4, 0x5A)).has_value());
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0x5A));
    cut_erase(flash, 0, Torn::zeroed);
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0xFF)) << "pre-programming drives such cells to one";
}

TEST(NorFlash, EverythingFailsAfterTheCutUntilPowerReturns) {
    NorFlash flash(small(), four_pages());
    flash.arm({2, Torn::complete, 1, WeakReads::random});
    ASSERT_TRUE(flash.program(0, bytes(4, 0)).has_value());
    EXPECT_EQ(flash.program(4, bytes(4, 0)).error(), Error::power_lost);
    std::vector<std::uint8_t> out(4);
    EXPECT_EQ(flash.read(0, out).error(), Error::power_lost);
    EXPECT_EQ(flash.erase(0).error(), Error::power_lost);
    EXPECT_EQ(flash.is_blank(0, 4).error(), Error::power_lost);
    EXPECT_FALSE(flash.powered());
    flash.power_on();
    EXPECT_EQ(read_back(flash, 0, 8), bytes(8, 0));
    EXPECT_EQ(flash.operations(), 2U);
    EXPECT_TRUE(flash.program(8, bytes(4, 0)).has_value()) << "one cut is armed at a time";
}

TEST(NorFlash, TornProgramNeverSetsABitAndMayBeCompleted) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        NorFlash flash(small(), four_pages());
        cut_program(flash, 0, bytes(64, 0x0F), Torn::partial, seed);
        for (const std::uint8_t b : read_back(flash, 0, 64)) EXPECT_EQ(b & 0x0F, 0x0F);
        EXPECT_TRUE(flash.program(0, bytes(64, 0x0F)).has_value()) << "same bytes again, seed " << seed;
        EXPECT_EQ(read_back(flash, 0, 64), bytes(64, 0x0F));
    }
}

TEST(NorFlash, OddSeedsTearOneGranuleEvenSeedsTheWholeRange) {
    NorFlash odd(small(), four_pages());
    cut_program(odd, 0, bytes(64, 0x00), Torn::partial, 3);
    const auto one = read_back(odd, 0, 64);
    const auto solid = std::find_if(one.begin(), one.end(), [](std::uint8_t b) { return b != 0; });
    const auto torn_at = (solid - one.begin()) / 4 * 4;
    EXPECT_TRUE(std::all_of(one.begin() + torn_at + 4, one.end(), [](std::uint8_t b) { return b == 0xFF; }));

    NorFlash even(small(), four_pages());
    cut_program(even, 0, bytes(64, 0x00), Torn::partial, 4);
    const auto all = read_back(even, 0, 64);
    EXPECT_TRUE(std::any_of(all.begin() + 32, all.end(), [](std::uint8_t b) { return b != 0xFF; }));
    EXPECT_TRUE(std::any_of(all.begin(), all.begin() + 32, [](std::uint8_t b) { return b != 0x00; }));
}

TEST(NorFlash, FadingCellsReadRightUntilThePowerGoesOnceMore) {
    const auto old = bytes(8, 0xFF);
    const auto fresh = bytes(8, 0x12);
    NorFlash flash(small(), four_pages());
    cut_program(flash, 16, fresh, Torn::complete_weak, 2, WeakReads::fading);
    flash.cycle_power();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(read_back(flash, 16, 8), fresh);
    flash.cycle_power();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(read_back(flash, 16, 8), old);
}

struct WeakCase {
    Torn outcome;
    WeakReads reads;
    std::vector<std::uint8_t> first, second;
};

TEST(NorFlash, WeakProgramReadsAsToldUntilACompletedErase) {
    const auto old = bytes(8, 0xFF);
    const auto fresh = bytes(8, 0x12);
    const WeakCase cases[] = {
        {Torn::blank_weak, WeakReads::all_old, old, old},
        {Torn::blank_weak, WeakReads::all_new, fresh, fresh},
        {Torn::complete_weak, WeakReads::all_old, old, old},
        {Torn::complete_weak, WeakReads::all_new, fresh, fresh},
        {Torn::complete_weak, WeakReads::alternating, old, fresh},
    };
    for (const WeakCase& c : cases) {
        NorFlash flash(small(), four_pages());
        cut_program(flash, 16, fresh, c.outcome, 2, c.reads);
        EXPECT_EQ(read_back(flash, 16, 8), c.first);
        EXPECT_EQ(read_back(flash, 16, 8), c.second);
        cut_erase(flash, 0, Torn::nothing);
        EXPECT_FALSE(flash.content().weak.empty()) << "an erase that did not happen heals nothing";
        ASSERT_TRUE(flash.erase(0).has_value());
        EXPECT_TRUE(flash.content().weak.empty());
        EXPECT_EQ(read_back(flash, 16, 8), old);
    }
}

TEST(NorFlash, RandomWeakCellsReadDifferentlyAgainAndAgain) {
    NorFlash flash(small(), four_pages());
    cut_program(flash, 0, bytes(64, 0x00), Torn::complete_weak);
    std::set<std::vector<std::uint8_t>> seen;
    for (int i = 0; i < 40; ++i) seen.insert(read_back(flash, 0, 64));
    EXPECT_TRUE(seen.contains(bytes(64, 0xFF)));
    EXPECT_TRUE(seen.contains(bytes(64, 0x00)));
    EXPECT_GT(seen.size(), 10U);
}

TEST(NorFlash, ProgrammingTheSameBytesAgainSettlesAWeakProgram) {
    NorFlash flash(small(), four_pages());
    cut_program(flash, 0, bytes(16, 0x21), Torn::blank_weak);
    ASSERT_TRUE(flash.program(0, bytes(16, 0x21)).has_value());
    EXPECT_TRUE(flash.content().weak.empty());
    EXPECT_EQ(read_back(flash, 0, 16), bytes(16, 0x21));
}

TEST(NorFlash, WeakEraseBringsOldContentBackBelowNewPrograms) {
    NorFlash flash(small(), four_pages());
    ASSERT_TRUE(flash.program(0, bytes(256, 0x0F)).has_value());
    cut_erase(flash, 0, Torn::blank_weak, 2, WeakReads::alternating);
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0x0F));
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0xFF));
    ASSERT_TRUE(flash.program(0, bytes(4, 0xF3)).has_value()) << "the part takes it: it reads blank";
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0x03)) << "and old bits shine through";
    EXPECT_EQ(read_back(flash, 0, 4), bytes(4, 0xF3));
}

TEST(NorFlash, TornErasesLeaveWhatPhysicsAllows) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        NorFlash flash(small(), four_pages());
        ASSERT_TRUE(flash.program(0, bytes(256, 0x5A)).has_value());
        cut_erase(flash, 0, Torn::nothing, seed);
        EXPECT_EQ(read_back(flash, 0, 256), bytes(256, 0x5A));
        cut_erase(flash, 0, Torn::partial, seed);
        EXPECT_NE(read_back(flash, 0, 256), bytes(256, 0x5A));
        EXPECT_FALSE(flash.is_blank(0, 256).value());
        EXPECT_EQ(flash.program(0, bytes(256, 0xA5)).error(), Error::io);
        cut_erase(flash, 0, Torn::zeroed, seed);
        EXPECT_EQ(read_back(flash, 0, 256), bytes(256, 0x00));
        cut_erase(flash, 0, Torn::complete, seed);
        EXPECT_TRUE(flash.is_blank(0, 256).value());
        EXPECT_EQ(flash.content().erase_counts[0], 4U);
    }
}

TEST(NorFlash, EccReportsTornGranulesAndDeliversTheOthers) {
    Geometry g = small(8);
    g.ecc = true;
    NorFlash flash(g, four_pages());
    ASSERT_TRUE(flash.program(0, bytes(8, 0x11)).has_value());
    cut_program(flash, 8, bytes(8, 0x22), Torn::partial);
    ASSERT_TRUE(flash.program(16, bytes(8, 0x33)).has_value());
    std::vector<std::uint8_t> out(24);
    EXPECT_EQ(flash.read(0, out).error(), Error::unreadable);
    EXPECT_TRUE(std::equal(out.begin(), out.begin() + 8, bytes(8, 0x11).begin()));
    EXPECT_TRUE(std::equal(out.begin() + 16, out.end(), bytes(8, 0x33).begin()));
    EXPECT_TRUE(flash.read(16, MutableBytes(out).first(8)).has_value());
    EXPECT_EQ(flash.program(8, bytes(8, 0x22)).error(), Error::io) << "never twice";
    ASSERT_TRUE(flash.erase(0).has_value());
    EXPECT_EQ(read_back(flash, 0, 24), bytes(24, 0xFF));
}

TEST(NorFlash, EccWeakGranulesReadCorrectedNowAndUnreadableLater) {
    Geometry g = small(8);
    g.ecc = true;
    NorFlash flash(g, four_pages());
    cut_program(flash, 0, bytes(8, 0x22), Torn::complete_weak);
    int good = 0, bad = 0;
    std::vector<std::uint8_t> out(8);
    for (int i = 0; i < 64; ++i) {
        if (!flash.read(0, out)) {
            ++bad;
        } else {
            ++good;
            EXPECT_TRUE(out == bytes(8, 0x22) || out == bytes(8, 0xFF));
        }
    }
    EXPECT_GT(good, 0);
    EXPECT_GT(bad, 0);
}

TEST(NorFlash, BlankGranulesAreUnreadableOnPartsThatSaySo) {
    Geometry g = small(16);
    g.ecc = true;
    g.erased_readable = false;
    NorFlash flash(g, four_pages());
    std::vector<std::uint8_t> out(16);
    EXPECT_EQ(flash.read(0, out).error(), Error::unreadable);
    EXPECT_TRUE(flash.is_blank(0, 256).value());
    ASSERT_TRUE(flash.program(0, bytes(16, 0x44)).has_value());
    EXPECT_EQ(read_back(flash, 0, 16), bytes(16, 0x44));
    EXPECT_EQ(flash.read(8, out).error(), Error::unreadable) << "it reaches into the next, blank granule";
    EXPECT_FALSE(flash.is_blank(0, 256).value());
}

TEST(NorFlash, ContentCanBeSavedComparedAndRestored) {
    NorFlash flash(small(), four_pages());
    cut_program(flash, 0, bytes(16, 0x21), Torn::complete_weak, 7, WeakReads::all_new);
    const FlashContent saved = flash.content();
    ASSERT_TRUE(flash.erase(0).has_value());
    EXPECT_FALSE(flash.content() == saved);
    flash.set_content(saved);
    EXPECT_TRUE(flash.content() == saved);
    EXPECT_EQ(read_back(flash, 0, 16), bytes(16, 0x21));
}

TEST(NorFlash, SameSeedTearsAlike) {
    for (const Torn outcome : {Torn::partial, Torn::blank_weak, Torn::complete_weak}) {
        NorFlash one(small(), four_pages(), 1), two(small(), four_pages(), 99);
        for (NorFlash* flash : {&one, &two}) cut_program(*flash, 0, bytes(64, 0x35), outcome, 12345);
        EXPECT_EQ(read_back(one, 0, 64), read_back(two, 0, 64));
    }
}

TEST(NorFlash, PokeAndSpoilDamageWithoutAnOperation) {
    NorFlash flash(small(), four_pages());
    flash.poke(5, bytes(2, 0x00));
    EXPECT_EQ(read_back(flash, 4, 4), (std::vector<std::uint8_t>{0xFF, 0, 0, 0xFF}));
    EXPECT_EQ(flash.operations(), 0U);
    EXPECT_EQ(flash.program(4, bytes(4, 0)).error(), Error::io);
    flash.spoil(8, 1);
    std::vector<std::uint8_t> out(4);
    EXPECT_EQ(flash.read(8, out).error(), Error::unreadable);
}

TEST(NorFlash, HooksSeeOperationsAndChooseWeakReadings) {
    NorFlash flash(small(), four_pages());
    std::vector<std::uint32_t> seen;
    flash.on_operation = [&](std::uint32_t offset, std::uint32_t length, bool is_erase) {
        seen.push_back(offset);
        seen.push_back(length);
        seen.push_back(is_erase ? 1 : 0);
    };
    ASSERT_TRUE(flash.erase(256).has_value());
    cut_program(flash, 264, bytes(8, 0x00), Torn::complete_weak, 1, WeakReads::all_new);
    EXPECT_EQ(seen, (std::vector<std::uint32_t>{256, 256, 1, 264, 8, 0}));
    flash.on_weak_read = [](std::uint32_t offset) {
        EXPECT_EQ(offset, 264U);
        return WeakReads::all_old;
    };
    EXPECT_EQ(read_back(flash, 264, 8), bytes(8, 0xFF));
}

TEST(NorFlash, GoesBackToAnEarlierMomentAsOftenAsAsked) {
    NorFlash flash(small(), four_pages());
    ASSERT_TRUE(flash.program(0, bytes(64, 0x11)).has_value());
    const NorFlash::Moment moment = flash.moment();
    const FlashContent before = flash.content();
    const Fingerprint seen = flash.content_fingerprint();
    for (int outcome = 0; outcome < torn_kinds; ++outcome) {
        ASSERT_TRUE(flash.erase(256).has_value());
        cut_program(flash, 64, bytes(64, 0x22), static_cast<Torn>(outcome));
        cut_erase(flash, 0, static_cast<Torn>(outcome));
        flash.poke(512, bytes(32, 0x33));
        flash.spoil(700, 8);
        EXPECT_NE(flash.content_fingerprint(), seen);
        flash.go_back(moment);
        EXPECT_TRUE(flash.content() == before);
        EXPECT_EQ(flash.content_fingerprint(), seen);
        EXPECT_TRUE(flash.powered());
    }
}

TEST(NorFlash, HasOneFingerprintForWhatReadsAlikeWhateverItsWear) {
    NorFlash worn(small(), four_pages());
    NorFlash fresh(small(), four_pages());
    ASSERT_TRUE(worn.program(8, bytes(4, 0)).has_value());
    EXPECT_NE(worn.content_fingerprint(), fresh.content_fingerprint());
    ASSERT_TRUE(worn.erase(0).has_value());
    EXPECT_EQ(worn.content_fingerprint(), fresh.content_fingerprint());
    cut_erase(worn, 256, Torn::blank_weak);
    EXPECT_NE(worn.content_fingerprint(), fresh.content_fingerprint()) << "weak cells read as blank today";
}

TEST(NorFlash, TracesWhatItAnswered) {
    NorFlash flash(small(), four_pages());
    const auto trace_of = [&](const auto& program) {
        flash.start_trace({});
        program();
        return flash.trace();
    };
    const auto look = [&] { static_cast<void>(read_back(flash, 0, 512)); };
    const Fingerprint blank = trace_of(look);
    EXPECT_EQ(trace_of(look), blank);
    ASSERT_TRUE(flash.program(600, bytes(4, 0)).has_value());
    EXPECT_EQ(trace_of(look), blank) << "it did not look there";
    ASSERT_TRUE(flash.program(500, bytes(4, 0)).has_value());
    EXPECT_NE(trace_of(look), blank);
    EXPECT_NE(trace_of([&] { ASSERT_TRUE(flash.erase(0).has_value()); }), trace_of([] {}));
}

TEST(NorFlash, TellsWhetherWhatIsWatchedWasErasedUnseen) {
    NorFlash flash(small(), four_pages());
    const auto unseen = [&](const auto& before) {
        flash.watch(260, 8);
        before();
        EXPECT_TRUE(flash.erase(256).has_value());
        return flash.erased_unseen();
    };
    EXPECT_TRUE(unseen([] {}));
    EXPECT_TRUE(unseen([&] { static_cast<void>(read_back(flash, 0, 260)); })) << "up to it, not of it";
    EXPECT_TRUE(unseen([&] { EXPECT_TRUE(flash.erase(512).has_value()); }));
    EXPECT_FALSE(unseen([&] { static_cast<void>(read_back(flash, 267, 1)); }));
    EXPECT_FALSE(unseen([&] { EXPECT_TRUE(flash.is_blank(200, 100).has_value()); }));
    EXPECT_FALSE(unseen([&] { EXPECT_TRUE(flash.program(264, bytes(4, 0)).has_value()); }));
    EXPECT_FALSE(unseen([&] { flash.poke(256, bytes(16, 0)); }));
    EXPECT_FALSE(unseen([&] { flash.watch_no_more(); }));
}

TEST(NorFlash, LocksARangeUntilThePowerGoes) {
    NorFlash flash(small(), four_pages());
    flash.lock(256, 512, "slot A");
    flash.lock(0, 0, "nothing");
    EXPECT_EQ(flash.erase(256).error(), Error::io);
    EXPECT_EQ(flash.program(764, bytes(4, 0)).error(), Error::io);
    EXPECT_EQ(flash.program(252, bytes(8, 0)).error(), Error::io) << "half of it";
    EXPECT_EQ(flash.rule_breaks(), 3U);
    EXPECT_EQ(flash.last_rule_break(), "program at 252, in slot A, which is locked until the next reset");
    EXPECT_EQ(flash.operations(), 0U);
    EXPECT_TRUE(flash.program(252, bytes(4, 0)));
    EXPECT_TRUE(flash.erase(768));
    const NorFlash::Moment locked = flash.moment();
    flash.power_on();
    EXPECT_TRUE(flash.erase(256));
    flash.go_back(locked);
    EXPECT_FALSE(flash.erase(256));
    flash.cycle_power();
    EXPECT_TRUE(flash.erase(256));
}

}  // namespace
}  // namespace sb::sim
