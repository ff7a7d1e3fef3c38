// Scheme single with a patch region: the new image overwrites the old one, and the reverse patch that came with it and
// was kept before undoes that in place.
#include "core/boot/application.hpp"
#include "core/install/staged_package.hpp"
#include "core/install/there_and_back_testing.hpp"

namespace sb::single_reverse_testing {
namespace {

using install_testing::Board;
using install_testing::BoardSpec;
using install_testing::Buffer;
using install_testing::shop;

constexpr std::uint32_t unit = 1024, slot_units = 10;

BoardSpec spec(std::uint32_t patch_units = 12, std::uint32_t golden_units = 0) {
    return {.name = "single-reverse",
            .unit_bytes = unit,
            .slot_units = slot_units,
            .scheme = Scheme::single,
            .golden_units = golden_units,
            .patch_units = patch_units};
}

class ReversePatchOfOneSlot : public install_testing::ThereAndBack {
protected:
    void use(const BoardSpec& board) {
        ThereAndBack::use(board);
        board_->accept_no_way_back = false;
    }
    [[nodiscard]] Buffer package(PayloadFormat back = PayloadFormat::sbd) const {
        return shop().whole_and_back(old_, new_, slot_units * unit, unit, back);
    }
    /// One whose reverse patch is about as long as the image.
    [[nodiscard]] Buffer long_package() const { return package(PayloadFormat::endsley); }
    void enter_update_mode() {
        ASSERT_TRUE(board_->ask_for_update_mode());
        ASSERT_FALSE(board_->reset().slot);
    }
    void install(const Buffer& package) {
        const Result<void> installed = board_->install(package);
        ASSERT_TRUE(installed) << error_name(installed.error());
    }
    void install_and_try(const Buffer& package) {
        ASSERT_NO_FATAL_FAILURE(enter_update_mode());
        ASSERT_NO_FATAL_FAILURE(install(package));
        for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    }
    void expect_waits(Error cause) {
        const BootReport report = board_->reset();
        EXPECT_FALSE(report.slot);
        EXPECT_STREQ(error_name(report.cause), error_name(cause));
    }
    void rot(std::uint32_t at) {
        const std::array<std::uint8_t, 4> zero{};
        board_->flash().poke(at, zero);
    }
    [[nodiscard]] std::uint32_t kept_at() const { return board_->regions().patch.offset; }
};

TEST_F(ReversePatchOfOneSlot, UndoesAnImageThatDoesNotConfirm) {
    for (const std::uint32_t golden_units : {0U, 8U}) {
        use(spec(12, golden_units));
        install_and_try(package());
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
        EXPECT_EQ(board_->state().boot.phase, Phase::failed);
        EXPECT_TRUE(board_->state().boot.confirmed_a);
        expect_runs(old_, Decision::active, Error::tries_exhausted);
        enter_update_mode();
        install(package());
        expect_runs(new_, Decision::trial);
        ASSERT_TRUE(board_->confirm());
        for (int i = 0; i < 4; ++i) expect_runs(new_, Decision::active);
    }
}

TEST_F(ReversePatchOfOneSlot, WorksWithEveryFormatThatWorksInPlace) {
    for (const PayloadFormat format : {PayloadFormat::sbd, PayloadFormat::endsley_lzma, PayloadFormat::endsley}) {
        use(spec(20));
        install_and_try(package(format));
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    }
}

TEST_F(ReversePatchOfOneSlot, IsKeptBeforeTheOldImageIsTouched) {
    use(spec(20));
    const Buffer sent = long_package();
    enter_update_mode();
    EXPECT_FALSE(board_->install(Bytes(sent).first(5000)));
    EXPECT_EQ(board_->state().boot.active, SlotId::a);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(old_, Decision::active);
    EXPECT_TRUE(board_->state().boot.confirmed_a);
    enter_update_mode();
    install(sent);
    EXPECT_GT(board_->resumed_from(), 0U);
    expect_runs(new_, Decision::trial);
}

TEST_F(ReversePatchOfOneSlot, ThatRottedBeforeItIsNeededLeavesTheOldImage) {
    use(spec(20));
    const Buffer sent = long_package();
    enter_update_mode();
    // What was kept so far is no longer what was signed when the rest of it comes.
    EXPECT_FALSE(board_->install(Bytes(sent).first(5000)));
    rot(kept_at() + 700);
    EXPECT_EQ(board_->install(sent).error(), Error::readback);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    EXPECT_EQ(board_->state().boot.active, SlotId::a);
    ASSERT_TRUE(board_->leave_update_mode());
    expect_runs(old_, Decision::active, Error::readback);
}

TEST_F(ReversePatchOfOneSlot, OrAFactoryImageIsAskedForWhileAnImageStandsThatMayRun) {
    use(spec());
    enter_update_mode();
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::no_way_back);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    board_->accept_no_way_back = true;
    install(shop().full(new_));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_waits(Error::tries_exhausted);
    // Nothing is left that could be gone back to: whatever comes is taken.
    board_->accept_no_way_back = false;
    install(shop().full(old_));
    expect_runs(old_, Decision::trial);

    use(spec(12, 8));
    install_and_try(shop().full(new_));
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatchOfOneSlot, IsOfNoUseWhereNothingStandsAndThePackageIsTakenAllTheSame) {
    use(spec());
    enter_update_mode();
    rot(board_->regions().slots[0].offset + 3000);
    install(package());
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_waits(Error::tries_exhausted);
    // Cut, too, and sent again.
    const Buffer sent = package();
    EXPECT_FALSE(board_->install(Bytes(sent).first(sent.size() - 2000)));
    expect_waits(Error::none);
    install(sent);
    EXPECT_GT(board_->resumed_from(), 0U);
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    expect_runs(new_, Decision::active);
}

TEST_F(ReversePatchOfOneSlot, IsStillThereAfterADownloadThatWasCut) {
    use(spec());
    const Buffer sent = package();
    enter_update_mode();
    for (const std::size_t less : {5500UL, 3000UL, 100UL}) {
        EXPECT_FALSE(board_->install(Bytes(sent).first(sent.size() - less)));
        EXPECT_EQ(board_->state().boot.active, SlotId::b);
        expect_waits(Error::none);
    }
    install(sent);
    EXPECT_GT(board_->resumed_from(), 0U);
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    EXPECT_TRUE(board_->state().boot.confirmed_a);
}

TEST_F(ReversePatchOfOneSlot, ThatIsKeptServesTheSamePackageWhenEveryRecordIsLost) {
    use(spec());
    const Buffer sent = package();
    enter_update_mode();
    EXPECT_FALSE(board_->install(Bytes(sent).first(sent.size() - 2000)));
    board_->wipe_journal();
    ASSERT_FALSE(board_->reset().slot);
    install(sent);
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatchOfOneSlot, GivesWayToAnotherPackage) {
    use(spec());
    const Buffer sent = package();
    enter_update_mode();
    EXPECT_FALSE(board_->install(Bytes(sent).first(sent.size() - 2000)));
    // The old image is gone: a way back to it from another one is not kept, and none is promised.
    const Buffer third = shop().image({.major = 1, .minor = 2}, 5000, 0, 1);
    install(shop().whole_and_back(old_, third, slot_units * unit, unit));
    for (int i = 0; i < 3; ++i) expect_runs(third, Decision::trial);
    expect_waits(Error::tries_exhausted);
    EXPECT_TRUE(board_->holds(SlotId::a, third)) << "nothing of it was touched";
}

TEST_F(ReversePatchOfOneSlot, IsRefusedForAnotherSourceBeforeAnythingIsErased) {
    use(spec());
    const Buffer other = shop().image({.major = 1}, 5600, 3, 1);
    enter_update_mode();
    const auto before = board_->flash().content().erase_counts;
    EXPECT_EQ(board_->install(shop().whole_and_back(other, new_, slot_units * unit, unit)).error(),
              Error::wrong_source);
    EXPECT_EQ(board_->flash().content().erase_counts, before);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(ReversePatchOfOneSlot, IsRefusedWhereItDoesNotFitOrIsForOtherUnits) {
    use(spec(6));  // two thirds of it are for marks
    enter_update_mode();
    EXPECT_EQ(board_->install(package(PayloadFormat::endsley)).error(), Error::too_large);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    use(spec());
    enter_update_mode();
    EXPECT_EQ(board_->install(shop().whole_and_back(old_, new_, slot_units * unit, 512)).error(), Error::unsupported);
    EXPECT_EQ(board_->install(shop().whole_and_back(old_, new_, 2 * slot_units * unit, unit)).error(),
              Error::too_large);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
}

TEST_F(ReversePatchOfOneSlot, IsRefusedByOtherSchemes) {
    for (const Scheme scheme : {Scheme::xip, Scheme::swap, Scheme::copy}) {
        BoardSpec board = spec(0);
        board.scheme = scheme;
        use(board);
        EXPECT_EQ(board_->install(package()).error(), Error::unsupported) << static_cast<int>(scheme);
        expect_runs(old_, Decision::active);
    }
    use(spec(0));
    enter_update_mode();
    EXPECT_EQ(board_->install(package()).error(), Error::unsupported) << "no region to keep it in";
    use(spec());
    enter_update_mode();
    EXPECT_EQ(board_->install(shop().there_and_back(old_, new_)).error(), Error::unsupported);
}

TEST_F(ReversePatchOfOneSlot, ThatRottedIsNotUsedAndNothingOfSlotAIsTouched) {
    for (const std::uint32_t golden_units : {0U, 8U}) {
        use(spec(20, golden_units));
        install_and_try(long_package());
        rot(kept_at() + 700);
        if (golden_units != 0) {
            expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
            continue;
        }
        expect_waits(Error::tries_exhausted);
        EXPECT_TRUE(board_->holds(SlotId::a, new_));
        install(shop().full(old_));
        expect_runs(old_, Decision::trial);
    }
}

TEST_F(ReversePatchOfOneSlot, OfAnEarlierUpdateIsNotUsed) {
    use(spec(12, 8));
    install_and_try(package());
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    install_and_try(shop().full(new_));
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST_F(ReversePatchOfOneSlot, WaitsForABetterSupplyAndGoesOn) {
    use(spec(20));
    const Buffer sent = long_package();
    enter_update_mode();
    EXPECT_FALSE(board_->install(Bytes(sent).first(5000)));
    board_->supply.is_low = true;
    EXPECT_EQ(board_->install(sent).error(), Error::low_battery);
    EXPECT_TRUE(board_->holds(SlotId::a, old_));
    EXPECT_EQ(board_->state().boot.active, SlotId::a) << "given up only when the other one can come";
    board_->supply.is_low = false;
    install(sent);
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    board_->supply.is_low = true;
    for (int i = 0; i < 3; ++i) expect_waits(Error::low_battery);
    EXPECT_TRUE(board_->holds(SlotId::a, new_));
    board_->supply.is_low = false;
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
}

/// Cut at every operation of install, trial and undoing, the journal kept or lost.
class ReverseCutOfOneSlot : public ReversePatchOfOneSlot,
                            public testing::WithParamInterface<std::tuple<bool, PayloadFormat>> {
protected:
    /// One life; answers whether the cut struck.
    bool live(const Buffer& sent, std::uint64_t cut_at, bool wipe) {
        board_->schedule(sim::PowerCut{.at_operation = cut_at, .outcome = sim::Torn::partial, .seed = cut_at});
        bool struck = false;
        done_ = staged_ = rescued_ = false;
        for (int i = 0; i < 20 && !done_; ++i) {
            step(sent);
            if (board_->flash().powered()) continue;
            struck = true;
            board_->schedule(std::nullopt);
            if (wipe) board_->wipe_journal();
        }
        return struck;
    }
    bool rescued_ = false;  ///< nothing ran though it had been staged

private:
    void step(const Buffer& sent) {
        const BootReport report = board_->reset();
        if (!board_->flash().powered()) return;
        const BootState state = board_->state().boot;
        if (!report.slot) {
            rescued_ = rescued_ || staged_;
            const Result<void> installed = board_->install(sent);
            if (!board_->flash().powered()) return;
            ASSERT_TRUE(installed) << error_name(installed.error());
            staged_ = true;
            return;
        }
        const bool runs_new = board_->holds(SlotId::a, new_);
        ASSERT_TRUE(runs_new || board_->holds(SlotId::a, old_));
        done_ = runs_new ? state.phase != Phase::trial : staged_;
        if (runs_new || done_) return;
        [[maybe_unused]] const Result<void> asked = board_->ask_for_update_mode();  // the cut may strike here
    }
    bool staged_ = false;
};

TEST_P(ReverseCutOfOneSlot, EndsWithAnImageThatRuns) {
    const auto [wipe, format] = GetParam();
    use(spec(16));
    const Buffer sent = package(format);
    const Board::Moment begin = board_->moment();
    std::uint64_t back = 0, at = 0, rescued = 0;
    bool struck = true;
    while (struck) {
        board_->go_to(begin);
        struck = live(sent, ++at, wipe);
        ASSERT_FALSE(HasFatalFailure()) << "cut at " << at;
        EXPECT_TRUE(done_) << "cut at " << at;
        back += board_->holds(SlotId::a, old_) ? 1U : 0U;
        rescued += rescued_ ? 1U : 0U;
        EXPECT_TRUE(wipe || !rescued_) << "cut at " << at;
    }
    EXPECT_GT(at, 100U);
    EXPECT_TRUE(back == at || wipe) << back << " of " << at << ": where records are kept it always goes back";
    EXPECT_GT(back, at / 2);
    EXPECT_LT(rescued, at / 20) << "what was being undone goes on without records, too";
}

INSTANTIATE_TEST_SUITE_P(JournalKeptOrLost, ReverseCutOfOneSlot,
                         testing::Combine(testing::Bool(),
                                          testing::Values(PayloadFormat::sbd, PayloadFormat::endsley_lzma)));

}  // namespace
}  // namespace sb::single_reverse_testing
