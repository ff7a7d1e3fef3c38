#include "sim/powercut/life.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/powercut/geometries.hpp"

namespace sb::sim {
namespace {

// Under sanitizers: the same code, a part of the operations.
constexpr std::uint64_t every = SB_CUT_EVERY;

/// What one test tells on one board.
struct Tale {
    Scheme scheme;
    const BoardSpec* board;
};

std::vector<Tale> tales(std::span<const BoardSpec> boards, std::initializer_list<Scheme> schemes) {
    std::vector<Tale> all;
    for (const Scheme scheme : schemes)
        for (const BoardSpec& board : boards)
            if (is_for(board, scheme)) all.push_back({scheme, &board});
    return all;
}

std::string name_of(const Tale& tale) {
    std::string name = std::string(scheme_name(tale.scheme)) + "_" + tale.board->name;
    std::ranges::replace(name, '-', '_');
    return name;
}

void expect_sound(const LifeReport& report) {
    EXPECT_EQ(report.dead, 0U) << report.first_objection;
    EXPECT_TRUE(report.sound()) << report.operations_hit << " of " << report.operations << " operations were cut";
    EXPECT_GT(report.cuts, 10 * report.operations);
    EXPECT_EQ(report.ended_new + report.ended_old + report.ended_golden + report.update_mode, report.cuts);
    EXPECT_GE(report.checked * 200, report.cuts);
    std::printf("             %llu operations, %llu cuts, settled within %d boots\n",
                static_cast<unsigned long long>(report.operations), static_cast<unsigned long long>(report.cuts),
                report.max_boots);
}

class EveryCut : public testing::TestWithParam<Tale> {
protected:
    [[nodiscard]] static LifeReport tell(LifeOptions options) {
        options.every = every;
        return check(GetParam().scheme, *GetParam().board, options);
    }
};

TEST_P(EveryCut, OfAnUpdateEndsInTheNewImage) {
    for (const PayloadFormat format : {PayloadFormat::raw, PayloadFormat::endsley_lzma, PayloadFormat::sbd}) {
        const LifeReport report = tell({.package = format});
        expect_sound(report);
        EXPECT_EQ(report.ended_new, report.cuts);
        EXPECT_LE(report.max_boots, 4);
        // Once, and once more for the cut; an exchange passes through slot B twice.
        EXPECT_LE(report.max_unit_erases, GetParam().scheme == Scheme::swap ? 4U : 2U);
    }
}

TEST_P(EveryCut, OfAnUnconfirmedUpdateEndsInTheOldImageOrWhereTheSchemeSays) {
    const LifeReport report = tell({.story = Story::revert});
    expect_sound(report);
    const bool old_is_gone = GetParam().scheme == Scheme::copy;
    EXPECT_EQ(old_is_gone ? report.update_mode : report.ended_old, report.cuts);
}

TEST_P(EveryCut, OfAFactoryResetEndsInTheFactoryImage) {
    const LifeReport report = tell({.story = Story::factory_reset});
    expect_sound(report);
    EXPECT_EQ(report.ended_golden, report.cuts);
}

TEST_P(EveryCut, ThatTakesTheWholeJournalEndsInTheNewImage) {
    const LifeReport report = tell({.wipe_journal = true, .seeds = 4});
    expect_sound(report);
    EXPECT_EQ(report.ended_new, report.cuts);
}

TEST_P(EveryCut, ThatTakesTheWholeJournalStillEndsInTheOldImageWhereTheUpdateIsNotConfirmed) {
    const LifeReport report = tell({.story = Story::revert, .wipe_journal = true});
    expect_sound(report);
    const bool old_is_gone = GetParam().scheme == Scheme::copy;
    EXPECT_EQ(old_is_gone ? report.ended_new + report.update_mode : report.ended_old, report.cuts);
}

TEST_P(EveryCut, OfAFactoryResetThatTakesTheWholeJournalEndsInTheFactoryImage) {
    const LifeReport report = tell({.story = Story::factory_reset, .wipe_journal = true});
    expect_sound(report);
    EXPECT_EQ(report.ended_golden, report.cuts);
}

INSTANTIATE_TEST_SUITE_P(Lives, EveryCut,
                         testing::ValuesIn(tales(geometries(), {Scheme::xip, Scheme::swap, Scheme::copy})),
                         [](const auto& tale) { return name_of(tale.param); });

/// What is rewritten in place has no full packages: those are for update mode.
class EveryCutInPlace : public EveryCut {};

TEST_P(EveryCutInPlace, EndsInTheNewImageOrUndone) {
    for (const PayloadFormat format : {PayloadFormat::endsley_lzma, PayloadFormat::sbd}) {
        const LifeReport there = tell({.package = format});
        expect_sound(there);
        EXPECT_EQ(there.ended_new, there.cuts);
        const LifeReport back = tell({.story = Story::revert, .package = format});
        expect_sound(back);
        EXPECT_EQ(back.ended_old, back.cuts);
    }
}

TEST_P(EveryCutInPlace, EndsInAnImageThatRunsAlsoWhenItTakesTheWholeJournal) {
    for (const Story story : {Story::update, Story::revert}) {
        const LifeReport report =
            tell({.story = story, .wipe_journal = true, .seeds = 4, .package = PayloadFormat::endsley_lzma});
        expect_sound(report);
        EXPECT_EQ(report.ended_new + report.ended_old, report.cuts);
    }
}

/// A copy that a patch undoes which came with the update.
class EveryCutOfACopyThatCanBeUndone : public EveryCut {};

TEST_P(EveryCutOfACopyThatCanBeUndone, EndsInTheNewImageOrInTheOldOne) {
    for (const PayloadFormat format : {PayloadFormat::endsley_lzma, PayloadFormat::sbd}) {
        const LifeReport there = tell({.seeds = 4, .package = format, .reverse = true});
        expect_sound(there);
        EXPECT_EQ(there.ended_new, there.cuts);
        const LifeReport back = tell({.story = Story::revert, .seeds = 4, .package = format, .reverse = true});
        expect_sound(back);
        EXPECT_EQ(back.ended_old, back.cuts);
    }
}

TEST_P(EveryCutOfACopyThatCanBeUndone, NeverEndsInUpdateModeAlsoWhenItTakesTheWholeJournal) {
    for (const Story story : {Story::update, Story::revert}) {
        const LifeReport report = tell({.story = story,
                                        .wipe_journal = true,
                                        .seeds = 4,
                                        .package = PayloadFormat::endsley_lzma,
                                        .reverse = true});
        expect_sound(report);
        EXPECT_EQ(report.ended_new + report.ended_old, report.cuts);
        EXPECT_EQ(report.ended_old > 0, story == Story::revert);
    }
}

INSTANTIATE_TEST_SUITE_P(Lives, EveryCutOfACopyThatCanBeUndone, testing::ValuesIn(tales(geometries(), {Scheme::copy})),
                         [](const auto& tale) { return name_of(tale.param); });

INSTANTIATE_TEST_SUITE_P(Lives, EveryCutInPlace, testing::ValuesIn(tales(geometries(), {Scheme::inplace})),
                         [](const auto& tale) { return name_of(tale.param); });

/// One slot: update mode receives over the image that ran.
class EveryCutOfOneSlot : public EveryCut {};

TEST_P(EveryCutOfOneSlot, OfAnUpdateThroughUpdateModeEndsInTheNewImage) {
    for (const PayloadFormat format : {PayloadFormat::raw, PayloadFormat::lzma}) {
        const LifeReport report = tell({.package = format});
        expect_sound(report);
        EXPECT_EQ(report.ended_new, report.cuts);
        EXPECT_LE(report.max_unit_erases, 2U) << "a download that was cut goes on where it was";
    }
}

TEST_P(EveryCutOfOneSlot, OfAnUnconfirmedUpdateEndsInTheFactoryImageElseInUpdateMode) {
    const LifeReport without = tell({.story = Story::revert});
    expect_sound(without);
    EXPECT_EQ(without.update_mode, without.cuts);
    const LifeReport with = tell({.story = Story::revert, .golden = true});
    expect_sound(with);
    EXPECT_EQ(with.ended_golden, with.cuts);
    const LifeReport reset = tell({.story = Story::factory_reset});
    expect_sound(reset);
    EXPECT_EQ(reset.ended_golden, reset.cuts);
}

TEST_P(EveryCutOfOneSlot, OfUpdateModeThatIsLeftAndEnteredAgainEndsInTheOldImage) {
    for (const bool wipe : {false, true}) {
        const LifeReport report = tell({.story = Story::update_mode, .wipe_journal = wipe});
        expect_sound(report);
        EXPECT_EQ(report.ended_old, report.cuts);
        EXPECT_EQ(report.max_unit_erases, 0U);
    }
}

TEST_P(EveryCutOfOneSlot, ThatTakesTheWholeJournalIsFollowedByUpdateModeOrAnImageThatRuns) {
    for (const bool golden : {false, true}) {
        const LifeReport update = tell({.golden = golden, .wipe_journal = true});
        expect_sound(update);
        EXPECT_EQ(golden ? update.ended_new + update.ended_golden : update.ended_new, update.cuts);
    }
    const LifeReport revert = tell({.story = Story::revert, .wipe_journal = true});
    expect_sound(revert);
    EXPECT_EQ(revert.ended_new + revert.update_mode, revert.cuts);
}

/// One slot, and the patch that undoes what came in is kept before.
class EveryCutOfOneSlotThatCanBeUndone : public EveryCut {};

TEST_P(EveryCutOfOneSlotThatCanBeUndone, EndsInTheNewImageOrInTheOldOne) {
    for (const PayloadFormat format : {PayloadFormat::raw, PayloadFormat::lzma}) {
        const LifeReport there = tell({.seeds = 4, .package = format, .reverse = true});
        expect_sound(there);
        EXPECT_EQ(there.ended_new, there.cuts);
        const LifeReport back = tell({.story = Story::revert, .seeds = 4, .package = format, .reverse = true});
        expect_sound(back);
        EXPECT_EQ(back.ended_old, back.cuts) << "never in update mode";
    }
}

TEST_P(EveryCutOfOneSlotThatCanBeUndone, EndsInAnImageThatRunsElseInUpdateModeWhenItTakesTheWholeJournal) {
    for (const Story story : {Story::update, Story::revert}) {
        const LifeReport report = tell({.story = story, .wipe_journal = true, .seeds = 4, .reverse = true});
        expect_sound(report);
        EXPECT_EQ(report.ended_new + report.ended_old + report.update_mode, report.cuts);
        EXPECT_EQ(report.ended_old > 0, story == Story::revert);
    }
}

std::vector<Tale> tales_in_place() {
    std::vector<Tale> all = tales(geometries(), {Scheme::single});
    std::erase_if(all, [](const Tale& tale) { return !rewrites_in_place(*tale.board); });
    return all;
}

INSTANTIATE_TEST_SUITE_P(Lives, EveryCutOfOneSlotThatCanBeUndone, testing::ValuesIn(tales_in_place()),
                         [](const auto& tale) { return name_of(tale.param); });

INSTANTIATE_TEST_SUITE_P(Lives, EveryCutOfOneSlot, testing::ValuesIn(tales(geometries(), {Scheme::single})),
                         [](const auto& tale) { return name_of(tale.param); });

class EverySecondCut : public EveryCut {};

TEST_P(EverySecondCut, DuringTheRecoveryFromACutIsRecoveredFrom) {
    const LifeReport report = tell({.seeds = 4, .depth = 2, .check_one_in = 400});
    EXPECT_EQ(report.dead, 0U) << report.first_objection;
    EXPECT_EQ(report.ended_new, report.cuts);
    EXPECT_GT(report.cuts, 100 * report.operations);
}

INSTANTIATE_TEST_SUITE_P(Lives, EverySecondCut,
                         testing::ValuesIn(tales(small_geometries(), {Scheme::xip, Scheme::swap, Scheme::copy})),
                         [](const auto& tale) { return name_of(tale.param); });

class EightCuts : public EveryCut {};

TEST_P(EightCuts, InARowAreRecoveredFrom) {
    for (const PayloadFormat format : {PayloadFormat::lzma, PayloadFormat::endsley, PayloadFormat::hpatchlite,
                                       PayloadFormat::vcdiff, PayloadFormat::hdiffsf}) {
        const LifeReport report = check(GetParam().scheme, *GetParam().board,
                                        {.package = format, .random_lives = 400 / every, .seed = 20261121});
        EXPECT_EQ(report.dead, 0U) << report.first_objection;
        // Where three cut trial boots leave nothing to go back to, update mode does.
        EXPECT_EQ(report.ended_new + report.update_mode, 400 / every);
        EXPECT_GE(report.ended_new * 10, 400 / every * 9);
        EXPECT_TRUE(report.update_mode == 0 || GetParam().scheme == Scheme::copy);
        EXPECT_GT(report.cuts, 2 * report.ended_new);
    }
}

INSTANTIATE_TEST_SUITE_P(Lives, EightCuts,
                         testing::ValuesIn(tales(small_geometries(), {Scheme::xip, Scheme::swap, Scheme::copy})),
                         [](const auto& tale) { return name_of(tale.param); });

// The checker itself.

TEST(Checker, EndsEachLifeAsItEndsWhenItIsToldInFull) {
    // It throws where a joined life differs from the same life told without any memory.
    for (const Story story : {Story::update, Story::revert}) {
        const LifeReport report = check(Scheme::xip, *find_geometry("small-1K-g8-erased00"),
                                        {.story = story, .every = every, .check_one_in = 1});
        EXPECT_EQ(report.checked, report.cuts);
        EXPECT_GT(report.merged * 10, report.cuts * 8);
    }
}

TEST(Checker, TellsInStretchesWhatItTellsInOne) {
    const LifeOptions whole{.story = Story::revert, .every = every, .package = PayloadFormat::endsley_lzma};
    const LifeReport one = check(Scheme::swap, small_geometries()[0], whole);
    LifeReport sum;
    for (std::uint32_t part = 0; part < 3; ++part) {
        LifeOptions options = whole;
        options.part = part;
        options.parts = 3;
        sum.add(check(Scheme::swap, small_geometries()[0], options));
    }
    EXPECT_TRUE(sum.sound());
    EXPECT_EQ(sum.operations, one.operations);
    EXPECT_EQ(sum.cuts, one.cuts);
    EXPECT_EQ(sum.ended_old, one.ended_old);
    EXPECT_EQ(sum.max_boots, one.max_boots);
    EXPECT_EQ(sum.max_steps, one.max_steps);
    EXPECT_EQ(sum.max_wear, one.max_wear);
}

TEST(Checker, FindsABootloaderThatDoesNotWaitWhenItIsAskedTo) {
    const auto impatient = [](Journal& journal, const BootDevice& device) {
        BootReport report = boot(journal, device);
        if (report.state.request == Request::update_mode && report.state.active == SlotId::a) report.slot = SlotId::a;
        return report;
    };
    const LifeReport report = check(Scheme::single, small_geometries()[0],
                                    {.story = Story::update_mode, .every = every, .bootloader = impatient});
    EXPECT_GT(report.dead, 0U);
    EXPECT_NE(report.first_objection.find("is not entered"), std::string::npos) << report.first_objection;
}

TEST(Checker, FindsABootloaderThatNeverGoesBack) {
    const auto prefers_b = [](Journal& journal, const BootDevice& device) {
        BootReport report = boot(journal, device);
        std::array<std::uint8_t, 64> magic{};
        const bool something_in_b = device.map.slots[1].region.read(0, magic) && magic[0] == 0x3D;
        if (report.slot && something_in_b && report.state.phase == Phase::failed) report.slot = SlotId::b;
        return report;
    };
    const LifeReport report =
        check(Scheme::xip, small_geometries()[0], {.story = Story::revert, .every = every, .bootloader = prefers_b});
    EXPECT_GT(report.dead, 0U);
    EXPECT_NE(report.first_objection.find("more trial boots than tries"), std::string::npos) << report.first_objection;
    EXPECT_EQ(report.first_objection.find("cut in"), std::string::npos) << "it takes no cut to see this";
}

TEST(Checker, FindsABootloaderThatNeedsItsJournalAndShrinksTheStory) {
    const auto needs_journal = [](Journal& journal, const BootDevice& device) {
        const bool lost = !journal.open();
        const BootReport report = boot(journal, device);
        return lost && device.map.journal.valid() ? BootReport{} : report;
    };
    const LifeOptions options{.wipe_journal = true, .random_lives = 20, .bootloader = needs_journal};
    const LifeReport report = check(Scheme::xip, small_geometries()[0], options);
    EXPECT_GT(report.dead, 3U);
    EXPECT_NE(report.first_objection.find("nothing boots"), std::string::npos) << report.first_objection;
    const std::string cut = "cut in operation";
    const std::size_t first = report.first_objection.find(cut);
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(report.first_objection.find(cut, first + 1), std::string::npos) << "one cut is enough";
}

}  // namespace
}  // namespace sb::sim
