// Boots that bring images to slot A: swap, copy, and the factory image.
#include <gtest/gtest.h>

#include "core/boot/all_movers.hpp"
#include "core/boot/move_testing.hpp"
#include "core/boot/testing.hpp"

namespace sb::move_testing {
namespace {

TEST_F(Move, SwapTriesTheNewImageInAAndKeepsTheOldOneInB) {
    use(spec_of(Scheme::swap));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    expect_runs(new_, Decision::trial);
    EXPECT_TRUE(board_->holds(SlotId::b, old_));
    EXPECT_EQ(board_->state().boot.phase, Phase::trial);
    EXPECT_EQ(board_->state().boot.tries_left, 2);
    ASSERT_TRUE(board_->confirm());
    EXPECT_EQ(board_->state().boot.active, SlotId::a);
    EXPECT_EQ(board_->state().boot.security_floor, 2U);
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::active);
}

TEST_F(Move, SwapSwitchesBackOnTheFourthBoot) {
    use(spec_of(Scheme::swap));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
    EXPECT_TRUE(board_->state().boot.confirmed_a);
    expect_runs(old_, Decision::active, Error::tries_exhausted);
}

TEST_F(Move, SwapUpdatesAgainAfterAFailureAndAfterASuccess) {
    use(spec_of(Scheme::swap));
    const Buffer next = shop().image({.major = 1, .minor = 2}, 3500, 0, 2);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    expect_runs(new_, Decision::active);  // until then the way back is locked
    ASSERT_TRUE(board_->install(shop().delta(new_, next)));
    expect_runs(next, Decision::trial);
    EXPECT_TRUE(board_->holds(SlotId::b, new_));
}

TEST_F(Move, SwapRunsTheBackupWhenTheActiveImageRots) {
    use(spec_of(Scheme::swap));
    new_ = shop().image({.major = 1, .minor = 1}, 4100, 0, 1);  // the same counter: the backup stays above the floor
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    const Buffer rot(16, 0);
    board_->flash().poke(700, rot);
    expect_runs(old_, Decision::fallback, Error::active_invalid);
}

TEST_F(Move, SwapTakesNoImageThatDoesNotFitBothPlaces) {
    use(spec_of(Scheme::swap));
    const Buffer huge = shop().image({.major = 2}, 6 * 1024, 0, 2);
    EXPECT_EQ(board_->install(shop().full(huge)).error(), Error::too_large);
    expect_runs(old_, Decision::active);
}

TEST_F(Move, CopyTriesTheNewImageAndKeepsItAsItsBackup) {
    use(spec_of(Scheme::copy));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    const Buffer rot(16, 0);
    board_->flash().poke(700, rot);
    expect_runs(new_, Decision::fallback, Error::active_invalid);
}

TEST_F(Move, CopyWithoutAWayBackWaitsForAnUpdateAndTakesIt) {
    use(spec_of(Scheme::copy));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    for (int i = 0; i < 3; ++i) expect_update_mode(Error::tries_exhausted);
    const Buffer next = shop().image({.major = 1, .minor = 2}, 3500, 0, 2);
    board_->schedule(sim::PowerCut{.at_operation = 20});
    ASSERT_FALSE(board_->install(shop().full(next)));
    expect_update_mode(Error::nothing_bootable);
    ASSERT_TRUE(board_->install(shop().full(next)));
    expect_runs(next, Decision::trial);
}

/// A record that asks for what the part does not have must not cost what it has.
TEST_F(Move, ErasesNothingForAFactoryImageThatIsNotThere) {
    use(spec_of(Scheme::copy));
    State state = board_->state();
    state.boot.phase = Phase::reverting;
    state.boot.plan = Plan::restore;
    state.boot.step_count = 2;
    Journal journal(board_->map().journal);
    ASSERT_TRUE(journal.open());
    ASSERT_TRUE(journal.commit(state));
    expect_update_mode(Error::bad_state);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(Move, CopyGoesBackToTheFactoryImage) {
    use(spec_of(Scheme::copy, 6));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
    expect_runs(golden_, Decision::active, Error::tries_exhausted);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
}

class FactoryReset : public Move, public testing::WithParamInterface<Scheme> {};

TEST_P(FactoryReset, RestoresTheFactoryImageAndTakesUpdatesAfterwards) {
    use(spec_of(GetParam(), 6));
    ASSERT_TRUE(board_->ask_for_factory_reset());
    expect_runs(golden_, Decision::factory_reset);
    expect_runs(golden_, Decision::active);
    ASSERT_TRUE(board_->install(shop().full(old_)));
    EXPECT_EQ(board_->reset().decision, Decision::trial);
    ASSERT_TRUE(board_->confirm());
}

TEST_P(FactoryReset, IsRefusedBelowTheFloorAndTheDeviceGoesOn) {
    use(spec_of(GetParam(), 6));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    const BootReport trial = board_->reset();
    ASSERT_EQ(trial.decision, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    ASSERT_TRUE(board_->ask_for_factory_reset());
    const BootReport report = board_->reset();
    EXPECT_EQ(report.slot, trial.slot);
    EXPECT_EQ(report.cause, Error::below_floor);
    EXPECT_EQ(board_->state().boot.request, Request::none);
}

TEST_P(FactoryReset, SaysWhenThereIsNoFactoryImage) {
    use(spec_of(GetParam()));
    ASSERT_TRUE(board_->ask_for_factory_reset());
    expect_runs(old_, Decision::active, Error::nothing_bootable);
}

TEST_P(FactoryReset, IsTheLastResortWhenNothingElseVerifies) {
    use(spec_of(GetParam(), 6));
    const Buffer rot(16, 0);
    board_->flash().poke(700, rot);
    expect_runs(golden_, Decision::fallback, Error::active_invalid);
}

TEST_P(FactoryReset, IsTheLastResortWithoutAJournalToo) {
    use(spec_of(GetParam(), 6));
    const Buffer rot(16, 0);
    board_->flash().poke(700, rot);
    board_->wipe_journal();
    const BootReport report = board_->reset();
    ASSERT_EQ(report.slot, SlotId::a);
    EXPECT_TRUE(board_->holds(SlotId::a, golden_));
    EXPECT_EQ(report.cause, Error::journal_lost);
}

/// The layout may let it run whatever its counter; then it must also run from where it was copied to.
TEST_P(FactoryReset, GoesBelowTheFloorWhereTheLayoutAllowsIt) {
    use(spec_of(GetParam(), 6));
    board_->bootloader = [](Journal& journal, const BootDevice& device) {
        BootDevice lenient = device;
        lenient.golden_below_floor = true;
        return boot(journal, lenient);
    };
    ASSERT_TRUE(board_->install(shop().full(new_)));
    ASSERT_EQ(board_->reset().decision, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    ASSERT_TRUE(board_->ask_for_factory_reset());
    expect_runs(golden_, Decision::factory_reset);
    expect_runs(golden_, Decision::active);
    EXPECT_EQ(board_->state().boot.security_floor, 2U) << "it does not fall";
}

/// A rescue build of the same version is another image: without records it must not be taken for what stands in A.
TEST_P(FactoryReset, IsNotTakenForAnImageOfTheSameVersion) {
    golden_ = shop().image({.major = 1}, 2900, 7, 1);
    use(spec_of(GetParam(), 6));
    board_->wipe_journal();
    expect_runs(old_, Decision::recovered, Error::journal_lost);
}

INSTANTIATE_TEST_SUITE_P(Schemes, FactoryReset, testing::Values(Scheme::xip, Scheme::swap, Scheme::copy));

/// The scheme, and whether a factory reset is asked for in place of an update.
class DeadJournal : public Move, public testing::WithParamInterface<std::tuple<Scheme, bool>> {};

TEST_P(DeadJournal, LeavesTheOldImageRunning) {
    const auto [scheme, factory_reset] = GetParam();
    use(spec_of(scheme, 6));
    ASSERT_TRUE(factory_reset ? board_->ask_for_factory_reset() : board_->install(shop().full(new_)));
    boot_testing::WornFlash dead(board_->flash());
    const FlashMap& map = board_->map();
    for (int i = 0; i < 3; ++i) {
        Journal journal(Region(dead, board_->regions().journal.offset, map.journal.bytes()));
        std::array<std::uint8_t, 512> scratch{};
        const BootReport report = boot(journal, {.map = map,
                                                 .crypto = crypto_,
                                                 .keys = shop().identity().keys,
                                                 .scratch = scratch,
                                                 .mover = &mover_for(map.scheme)});
        EXPECT_EQ(report.slot, SlotId::a);
        EXPECT_FALSE(report.recorded);
        EXPECT_TRUE(board_->holds(SlotId::a, old_));
    }
}

INSTANTIATE_TEST_SUITE_P(Schemes, DeadJournal,
                         testing::Combine(testing::Values(Scheme::xip, Scheme::swap, Scheme::copy), testing::Bool()));

/// Bytes of program of the old and of the new image: of like size, and one larger by units.
class Lost : public Move, public testing::WithParamInterface<std::pair<std::uint32_t, std::uint32_t>> {};

/// Whatever step of the exchange is under way when every record is lost, the device finds out and goes on.
TEST_P(Lost, SwapFindsItsWayWithoutTheJournalAfterEveryStep) {
    // The same counter: there is a way back.
    old_ = shop().image({.major = 1}, GetParam().first, 0, 1);
    new_ = shop().image({.major = 1, .minor = 1}, GetParam().second, 0, 1);
    use(spec_of(Scheme::swap));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    const Board::Moment staged = board_->moment();
    int cuts = 0;
    for (std::uint64_t at = 1;; ++at, ++cuts) {
        board_->go_to(staged);
        board_->schedule(sim::PowerCut{.at_operation = at, .outcome = sim::Torn::partial, .seed = at});
        static_cast<void>(board_->reset());
        if (board_->flash().powered()) break;
        board_->wipe_journal();
        const BootReport report = board_->reset();
        ASSERT_EQ(report.slot, SlotId::a) << at;
        ASSERT_EQ(report.cause, Error::journal_lost) << at;
        ASSERT_TRUE(board_->holds(SlotId::a, new_)) << at;
        ASSERT_TRUE(board_->holds(SlotId::b, old_)) << "the way back survived, too: " << at;
        ASSERT_EQ(report.state.phase, Phase::trial) << at;
    }
    EXPECT_GT(cuts, 30);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Lost,
                         testing::Values(std::pair{3000U, 4100U}, std::pair{4900U, 1200U}, std::pair{1200U, 4900U}),
                         [](const auto& sizes) {
                             return std::to_string(sizes.param.first) + "_then_" + std::to_string(sizes.param.second);
                         });

/// That it verifies once proves nothing of the last cells that were written to A: without records they are written
/// again.
class Rewrite : public Move, public testing::WithParamInterface<std::tuple<Scheme, bool>> {};

TEST_P(Rewrite, WritesTheLastStepOnceMoreWhenTheJournalIsLost) {
    const auto [scheme, factory_reset] = GetParam();
    use(spec_of(scheme, 6));
    if (factory_reset) {
        ASSERT_TRUE(board_->ask_for_factory_reset());
        expect_runs(golden_, Decision::factory_reset);
    } else {
        ASSERT_TRUE(board_->install(shop().full(new_)));
        expect_runs(new_, Decision::trial);
    }
    const Buffer& image = factory_reset ? golden_ : new_;
    const std::uint32_t last_unit = static_cast<std::uint32_t>(image.size() - 1) / 1024;
    const auto erases = [&] { return board_->flash().content().erase_counts[last_unit]; };
    const std::uint32_t before = erases();
    board_->wipe_journal();
    expect_runs(image, Decision::recovered, Error::journal_lost);
    EXPECT_EQ(erases(), before + 1);
    expect_runs(image, Decision::active, Error::journal_lost);
    EXPECT_EQ(erases(), before + 1) << "once";
}

INSTANTIATE_TEST_SUITE_P(Schemes, Rewrite,
                         testing::Combine(testing::Values(Scheme::swap, Scheme::copy), testing::Bool()));

/// A part one unit of which takes nothing any more.
class WornUnit final : public Flash {
public:
    WornUnit(sim::NorFlash& inner, std::uint32_t at) : inner_(inner), at_(at) {}
    [[nodiscard]] const Geometry& geometry() const override { return inner_.geometry(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        return inner_.read(offset, out);
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        return inner_.program(offset, data);
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        return offset == at_ ? fail(Error::io) : inner_.erase(offset);
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return inner_.is_blank(offset, length);
    }

private:
    sim::NorFlash& inner_;
    std::uint32_t at_;
};

class WornSwap : public Move {
protected:
    WornSwap() {
        use(spec_of(Scheme::swap));
        EXPECT_TRUE(board_->install(shop().full(new_)));
    }
    /// Boots on the same cells, the unit at `offset` of the part being worn out.
    BootReport boot_with_worn(std::uint32_t offset) {
        board_->flash().power_on();
        WornUnit worn(board_->flash(), offset);
        FlashMap map = board_->map();
        map.slots[0].region = Region(worn, 0, 6 * 1024);
        map.slots[1].region = Region(worn, 6 * 1024, 7 * 1024);
        Journal journal(map.journal);
        std::array<std::uint8_t, 512> scratch{};
        return boot(journal, {.map = map,
                              .crypto = crypto_,
                              .keys = shop().identity().keys,
                              .scratch = scratch,
                              .mover = &mover_for(map.scheme)});
    }
};

/// What was exchanged comes back, and the cause is told.
TEST_F(WornSwap, UndoesAnExchangeThatBCannotTake) {
    for (const std::uint32_t unit : {0U, 2U}) {
        const BootReport report = boot_with_worn((6 + unit) * 1024);
        ASSERT_EQ(report.slot, SlotId::a);
        EXPECT_EQ(report.cause, Error::io);
        EXPECT_TRUE(board_->holds(SlotId::a, old_));
        EXPECT_EQ(board_->state().boot.phase, Phase::failed);
        EXPECT_TRUE(board_->state().boot.confirmed_a);
        expect_runs(old_, Decision::active, Error::io);
        ASSERT_TRUE(board_->install(shop().full(new_)));
    }
}

/// Neither image can run without that unit. Each boot tries again and ends.
TEST_F(WornSwap, EndsInUpdateModeWhereAUnitOfATakesNothing) {
    for (int i = 0; i < 3; ++i) {
        const BootReport report = boot_with_worn(2 * 1024);
        EXPECT_FALSE(report.slot);
        EXPECT_EQ(report.cause, Error::io);
    }
    expect_runs(new_, Decision::trial);
}

/// What flash errors stopped is not gone on with over a new download.
TEST_F(WornSwap, TakesAnUpdateAfterAnExchangeThatWasStopped) {
    ASSERT_FALSE(boot_with_worn(2 * 1024).slot);
    board_->set_running(std::nullopt);
    const Buffer next = shop().image({.major = 1, .minor = 2}, 3500, 0, 2);
    ASSERT_TRUE(board_->install(shop().full(next)));
    EXPECT_EQ(board_->state().boot.plan, Plan::none);
    expect_runs(next, Decision::trial);
}

TEST_F(WornSwap, TakesAnImageThatDoesWithoutTheWornUnit) {
    ASSERT_FALSE(boot_with_worn(3 * 1024).slot);
    board_->set_running(std::nullopt);
    const Buffer small = shop().image({.major = 1, .minor = 2}, 1200, 0, 2);
    ASSERT_TRUE(board_->install(shop().full(small)));
    ASSERT_EQ(boot_with_worn(3 * 1024).slot, SlotId::a);
    EXPECT_TRUE(board_->holds(SlotId::a, small));
}

/// A request is answered by the plan that it asks for, and by no other.
TEST_F(WornSwap, ServesAFactoryResetThatWasAskedForDuringAnotherPlan) {
    use(spec_of(Scheme::swap, 6));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    fail_the_trial();
    ASSERT_FALSE(boot_with_worn(2 * 1024).slot) << "the way back is stopped";
    ASSERT_TRUE(board_->ask_for_factory_reset());
    const BootReport report = board_->reset();
    ASSERT_EQ(report.slot, SlotId::a);
    EXPECT_TRUE(board_->holds(SlotId::a, golden_));
    EXPECT_EQ(report.state.request, Request::none);
}

}  // namespace
}  // namespace sb::move_testing
