// Boots that wait: for an update, for a better supply; and the schemes that bring no image anywhere: single, ram_load.
#include <gtest/gtest.h>

#include "core/boot/move_testing.hpp"
#include "core/boot/steps.hpp"

namespace sb::move_testing {
namespace {

class Wait : public Move {
protected:
    void expect_waits() { expect_update_mode(Error::none); }
    void in_journal(auto act) {
        Journal journal(board_->map().journal);
        ASSERT_TRUE(journal.open());
        act(journal);
    }
};

class UpdateMode : public Wait, public testing::WithParamInterface<Scheme> {};

TEST_P(UpdateMode, WaitsAtEachBootUntilOneIsStaged) {
    use(spec_of(GetParam()));
    ASSERT_TRUE(board_->ask_for_update_mode());
    for (int i = 0; i < 3; ++i) expect_waits();
    ASSERT_TRUE(board_->install(shop().full(new_)));
    EXPECT_EQ(board_->state().boot.request, Request::none);
    const BootReport report = board_->reset();
    ASSERT_TRUE(report.slot);
    EXPECT_EQ(report.decision, Decision::trial);
    EXPECT_TRUE(board_->holds(*report.slot, new_));
}

TEST_P(UpdateMode, IsLeftForTheImageThatRanBefore) {
    use(spec_of(GetParam()));
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits();
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(old_, Decision::active);
    ASSERT_TRUE(board_->ask_for_update_mode());  // and entered again
    expect_waits();
}

TEST_P(UpdateMode, HoldsUpdatesToWhatTheDeviceHad) {
    old_ = shop().image({.major = 1}, 3000, 0, 3);
    use(spec_of(GetParam()));
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits();
    EXPECT_EQ(board_->install(shop().full(golden_)).error(), Error::older);
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::below_floor);
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(old_, Decision::active);
}

TEST_P(UpdateMode, IsRefusedWhileAnImageIsOnTrial) {
    use(spec_of(GetParam()));
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits();
    ASSERT_TRUE(board_->install(shop().full(new_)));
    EXPECT_EQ(board_->ask_for_update_mode().error(), Error::bad_state);
    ASSERT_TRUE(board_->reset().slot);
    EXPECT_EQ(board_->ask_for_update_mode().error(), Error::bad_state);
    ASSERT_TRUE(board_->confirm());
    EXPECT_TRUE(board_->ask_for_update_mode());
}

TEST_P(UpdateMode, IsRecordedOnceHoweverOftenItIsAskedForOrLeft) {
    use(spec_of(GetParam()));
    const auto written_again = [&](auto act) {
        EXPECT_TRUE(act());
        const std::uint64_t operations = board_->flash().operations();
        EXPECT_TRUE(act());
        return board_->flash().operations() - operations;
    };
    EXPECT_EQ(written_again([&] { return board_->ask_for_update_mode(); }), 0U);
    EXPECT_EQ(written_again([&] { return board_->leave_update_mode(); }), 0U);
}

INSTANTIATE_TEST_SUITE_P(Schemes, UpdateMode,
                         testing::Values(Scheme::xip, Scheme::swap, Scheme::copy, Scheme::single, Scheme::ram_load));

TEST_F(Wait, TakesADeltaInUpdateModeWhereTheSourceStands) {
    use(spec_of(Scheme::copy));
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits();
    ASSERT_TRUE(board_->install(shop().delta(old_, new_)));
    expect_runs(new_, Decision::trial);
}

class Single : public Wait {
protected:
    void wait_for_update() {
        ASSERT_TRUE(board_->ask_for_update_mode());
        expect_waits();
    }
};

TEST_F(Single, ReceivesOverTheOldImageTriesAndConfirms) {
    use(spec_of(Scheme::single));
    wait_for_update();
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    EXPECT_EQ(board_->state().boot.security_floor, 2U);
    for (int i = 0; i < 4; ++i) expect_runs(new_, Decision::active);
}

TEST_F(Single, IsNotWrittenByTheImageThatRunsFromIt) {
    use(spec_of(Scheme::single));
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::bad_state);
    expect_runs(old_, Decision::active);
}

TEST_F(Single, TakesNoDeltaSinceItsSourceWouldBeOverwritten) {
    use(spec_of(Scheme::single));
    wait_for_update();
    EXPECT_EQ(board_->install(shop().delta(old_, new_)).error(), Error::wrong_source);
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(old_, Decision::active);
}

TEST_F(Single, RunsNothingUntilADownloadThatWasCutIsWholeAndGoesOnWithIt) {
    use(spec_of(Scheme::single));
    wait_for_update();
    const Buffer package = shop().full(new_);
    board_->schedule(sim::PowerCut{.at_operation = 24});
    ASSERT_FALSE(board_->install(package));
    expect_waits();
    ASSERT_TRUE(board_->leave_update_mode());  // nothing else may run
    expect_update_mode(Error::nothing_bootable);
    ASSERT_TRUE(board_->install(package));
    EXPECT_GT(board_->resumed_from(), 0U);
    expect_runs(new_, Decision::trial);
}

TEST_F(Single, WaitsForAnUpdateWhenTheNewImageDoesNotConfirm) {
    use(spec_of(Scheme::single));
    wait_for_update();
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    for (int i = 0; i < 2; ++i) expect_update_mode(Error::tries_exhausted);
    const Buffer next = shop().image({.major = 1, .minor = 2}, 3500, 0, 2);
    ASSERT_TRUE(board_->install(shop().full(next)));
    expect_runs(next, Decision::trial);
}

TEST_F(Single, GoesBackToTheFactoryImage) {
    use(spec_of(Scheme::single, 6));
    wait_for_update();
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
    expect_runs(golden_, Decision::active, Error::tries_exhausted);
}

TEST_F(Single, LeavesADownloadThatWasCutForTheFactoryImage) {
    use(spec_of(Scheme::single, 6));
    wait_for_update();
    board_->schedule(sim::PowerCut{.at_operation = 24});
    ASSERT_FALSE(board_->install(shop().full(new_)));
    expect_waits();
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(golden_, Decision::switch_back);
}

TEST_F(Single, FindsItsImageWithoutTheJournal) {
    use(spec_of(Scheme::single));
    board_->wipe_journal();
    expect_runs(old_, Decision::recovered, Error::journal_lost);
    wait_for_update();
    board_->schedule(sim::PowerCut{.at_operation = 24});
    ASSERT_FALSE(board_->install(shop().full(new_)));
    board_->wipe_journal();
    expect_update_mode(Error::nothing_bootable);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
}

class RamLoad : public Wait {
protected:
    void expect_loads(const Buffer& image, SlotId slot, Decision decision) {
        const BootReport report = board_->reset();
        EXPECT_EQ(report.slot, slot);
        EXPECT_STREQ(decision_name(report.decision), decision_name(decision));
        EXPECT_TRUE(board_->holds(slot, image)) << "in RAM";
    }
};

TEST_F(RamLoad, RunsFromRamWhatItVerifiedThereAndSwitchesBack) {
    use(spec_of(Scheme::ram_load));
    expect_loads(old_, SlotId::a, Decision::active);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    for (int i = 0; i < 3; ++i) expect_loads(new_, SlotId::b, Decision::trial);
    expect_loads(old_, SlotId::a, Decision::switch_back);
    ASSERT_TRUE(board_->install(shop().delta(old_, new_)));
    expect_loads(new_, SlotId::b, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    expect_loads(new_, SlotId::b, Decision::active);
}

/// The newer image is looked at first, and the older one runs: what was loaded last is not what was decided on.
TEST_F(RamLoad, LoadsOnceMoreWhatItDecidedOn) {
    new_ = shop().image({.major = 1, .minor = 1}, 4100, 0, 1);
    use(spec_of(Scheme::ram_load));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_loads(new_, SlotId::b, Decision::trial);
    board_->wipe_journal();  // without it both slots are looked at, A first
    expect_loads(new_, SlotId::b, Decision::recovered);
    board_->wipe_journal();
    board_->tries = 0;  // no trial: the newer image runs for good
    expect_loads(new_, SlotId::b, Decision::recovered);
    ASSERT_TRUE(board_->install(shop().full(shop().image({.major = 1, .minor = 2}, 3000, 0, 1))));
    board_->wipe_journal();
    const std::array<std::uint8_t, 16> rot{};
    board_->flash().poke(700, rot);  // A does not verify: B, which was looked at last, or A and then B again
    expect_loads(new_, SlotId::b, Decision::recovered);
}

TEST_F(RamLoad, RestoresTheFactoryImageAndRunsItFromRam) {
    use(spec_of(Scheme::ram_load, 6));
    ASSERT_TRUE(board_->ask_for_factory_reset());
    expect_loads(golden_, SlotId::a, Decision::factory_reset);
}

/// Slot B may be larger than A and hold an image that A has no room for.
TEST_F(RamLoad, BringsToSlotANoMoreThanItHolds) {
    use(spec_of(Scheme::ram_load, 6));
    Journal journal(board_->map().journal);
    ASSERT_TRUE(journal.open());
    State next = journal.state();
    next.boot.phase = Phase::reverting;
    next.boot.plan = Plan::restore;
    std::array<std::uint8_t, 256> scratch{};
    board_->flash().unlock();  // the application is not there yet
    ASSERT_TRUE(carry_out_all(journal, board_->map(), scratch, next, UINT32_MAX));
    expect_loads(golden_, SlotId::a, Decision::active);
}

TEST_F(RamLoad, TakesNoImageLargerThanItsMemory) {
    use(spec_of(Scheme::ram_load));
    FlashMap map = board_->map();
    map.ram_bytes = 3000;
    EXPECT_EQ(map.image_room(SlotId::a), 3000U);
    ImageInfo info{};
    info.header_bytes = map.header_bytes;
    info.total_bytes = 3001;
    EXPECT_EQ(check_fit(map, SlotId::a, info).error(), Error::too_large);
}

class LowBattery : public Wait {};

TEST_F(LowBattery, PausesADownloadThatGoesOnWhenTheSupplyIsBack) {
    for (const Scheme scheme : {Scheme::xip, Scheme::swap, Scheme::copy, Scheme::ram_load}) {
        use(spec_of(scheme));
        board_->supply.is_low = true;
        const std::uint64_t erases = board_->flash().content().erases;
        EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::low_battery);
        EXPECT_EQ(board_->state().boot.phase, Phase::writing);
        EXPECT_EQ(board_->state().boot.cause, Error::low_battery);
        EXPECT_LE(board_->flash().content().erases - erases, 4U) << "only pages of the journal";
        expect_runs(old_, Decision::active, Error::low_battery);
        board_->supply.is_low = false;
        ASSERT_TRUE(board_->install(shop().full(new_)));
        EXPECT_EQ(board_->state().boot.cause, Error::none);
        EXPECT_EQ(board_->reset().decision, Decision::trial);
    }
}

TEST_F(LowBattery, GivesUpTheOnlyImageForNoDownloadThatCouldNotBegin) {
    use(spec_of(Scheme::single));
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits();
    board_->supply.is_low = true;
    const std::uint64_t operations = board_->flash().operations();
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::low_battery);
    EXPECT_EQ(board_->flash().operations(), operations) << "nothing is written, not even to the journal";
    expect_waits();
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(old_, Decision::active);
}

TEST_F(LowBattery, PausesADownloadIntoTheOnlySlotThatHadBegun) {
    use(spec_of(Scheme::single));
    ASSERT_TRUE(board_->ask_for_update_mode());
    expect_waits();
    const Buffer package = shop().full(new_);
    board_->schedule(sim::PowerCut{.at_operation = 24});
    ASSERT_FALSE(board_->install(package));
    expect_waits();
    board_->supply.is_low = true;
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(board_->install(package).error(), Error::low_battery);
        EXPECT_EQ(board_->state().boot.cause, Error::low_battery);
        expect_waits();
    }
    board_->supply.is_low = false;
    ASSERT_TRUE(board_->install(package));
    EXPECT_GT(board_->resumed_from(), 0U);
    expect_runs(new_, Decision::trial);
}

TEST_F(LowBattery, KeepsTheOldImageRunningUntilTheNewOneCanBeMoved) {
    for (const Scheme scheme : {Scheme::swap, Scheme::copy}) {
        use(spec_of(scheme));
        ASSERT_TRUE(board_->install(shop().full(new_)));
        board_->supply.is_low = true;
        for (int i = 0; i < 5; ++i) expect_runs(old_, Decision::active, Error::low_battery);
        board_->supply.is_low = false;
        expect_runs(new_, Decision::trial);
    }
}

TEST_F(LowBattery, TriesAnImageThatStandsWhereItRuns) {
    use(spec_of(Scheme::xip));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    board_->supply.is_low = true;
    EXPECT_EQ(board_->reset().decision, Decision::trial);
}

TEST_F(LowBattery, PausesAnExchangeAtItsNextStepAndLosesNothing) {
    use(spec_of(Scheme::swap));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    board_->schedule(sim::PowerCut{.at_operation = 30});
    ASSERT_FALSE(board_->reset().slot);
    board_->supply.is_low = true;
    for (int i = 0; i < 3; ++i) expect_update_mode(Error::low_battery);
    EXPECT_EQ(board_->state().boot.plan, Plan::exchange);
    board_->supply.is_low = false;
    expect_runs(new_, Decision::trial);
    EXPECT_TRUE(board_->holds(SlotId::b, old_));
}

TEST_F(LowBattery, LetsAFactoryResetWait) {
    use(spec_of(Scheme::xip, 6));
    ASSERT_TRUE(board_->ask_for_factory_reset());
    board_->supply.is_low = true;
    for (int i = 0; i < 2; ++i) expect_runs(old_, Decision::active, Error::low_battery);
    board_->supply.is_low = false;
    expect_runs(golden_, Decision::factory_reset);
}

class DataFormat : public Wait {
protected:
    void registers(std::uint8_t format) {
        in_journal([&](Journal& journal) { ASSERT_TRUE(register_data_format(journal, format)); });
    }
};

TEST_F(DataFormat, IsNewerWhenTheImageThatRaisedItIsSwitchedBackFrom) {
    use(spec_of(Scheme::swap));
    registers(3);
    EXPECT_FALSE(board_->state().boot.data_newer);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
    for (int i = 0; i < 2; ++i) registers(4);
    expect_runs(new_, Decision::trial);
    registers(4);
    expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    EXPECT_TRUE(board_->state().boot.data_newer);
    EXPECT_EQ(board_->state().boot.data_format, 4);
    registers(3);  // it found its way with them
    EXPECT_FALSE(board_->state().boot.data_newer);
}

TEST_F(DataFormat, BelongsToTheImageThatIsConfirmed) {
    use(spec_of(Scheme::swap));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
    registers(4);
    EXPECT_TRUE(board_->state().boot.data_newer);
    ASSERT_TRUE(board_->confirm());
    EXPECT_FALSE(board_->state().boot.data_newer);
    EXPECT_EQ(board_->state().boot.data_format, 4);
}

TEST_F(DataFormat, IsWrittenOnceAndRefusedBeyondItsRange) {
    use(spec_of(Scheme::xip));
    registers(127);
    const std::uint64_t operations = board_->flash().operations();
    registers(127);
    EXPECT_EQ(board_->flash().operations(), operations);
    in_journal([](Journal& journal) { EXPECT_EQ(register_data_format(journal, 128).error(), Error::out_of_range); });
}

}  // namespace
}  // namespace sb::move_testing
