// Scheme inplace: a patch is staged, rewrites the image where it stands, and is undone.
#include <gtest/gtest.h>

#include "core/base/error_name.hpp"
#include "core/boot/application.hpp"
#include "core/install/marks.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/memo_crypto.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb::rewrite_testing {
namespace {

using sim::Board;
using sim::BoardSpec;
using Buffer = std::vector<std::uint8_t>;

const sim::Workshop& shop() {
    static const sim::Workshop workshop;
    return workshop;
}

constexpr std::uint32_t unit = 1024, slot_units = 10;
BoardSpec spec(std::uint32_t golden_units = 0) {
    return {.name = "rewrite",
            .unit_bytes = unit,
            .slot_units = slot_units,
            .scheme = Scheme::inplace,
            .golden_units = golden_units,
            .patch_units = 14};
}

class Rewrite : public testing::Test {
protected:
    Rewrite()
        : crypto_(real_),
          old_(shop().image({.major = 1}, 5600, 0, 1)),
          new_(shop().image({.major = 1, .minor = 1}, 6100, 0, 1)),
          golden_(shop().image({.major = 0, .minor = 9}, 2000, 0, 1)) {}
    void use(const BoardSpec& board) {
        board_ = std::make_unique<Board>(board, shop().identity(), crypto_);
        board_->provision(old_, board.golden_units != 0 ? Bytes(golden_) : Bytes());
        ASSERT_EQ(board_->reset().slot, SlotId::a);
    }
    [[nodiscard]] Buffer patch(bool way_back = true) const {
        return shop().in_place(old_, new_, slot_units * unit, unit, way_back);
    }
    void expect_runs(const Buffer& image, Decision decision, Error cause = Error::none) {
        const BootReport report = board_->reset();
        ASSERT_EQ(report.slot, SlotId::a) << error_name(report.cause);
        EXPECT_STREQ(decision_name(report.decision), decision_name(decision));
        EXPECT_STREQ(error_name(report.cause), error_name(cause));
        EXPECT_TRUE(board_->holds(SlotId::a, image));
        EXPECT_EQ(board_->flash().rule_breaks(), 0U) << board_->flash().last_rule_break();
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_;
    Buffer old_;
    Buffer new_;
    Buffer golden_;
    std::unique_ptr<Board> board_;
};

TEST_F(Rewrite, MakesTheNewImageWhereTheOldOneStoodAndConfirmsIt) {
    use(spec());
    const Result<void> installed = board_->install(patch());
    ASSERT_TRUE(installed) << error_name(installed.error());
    EXPECT_TRUE(board_->holds(SlotId::a, old_)) << "staged, not begun";
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    for (int i = 0; i < 4; ++i) expect_runs(new_, Decision::active);
    EXPECT_EQ(board_->state().boot.confirmed_sequence, Version({.major = 1, .minor = 1}).sequence());
}

TEST_F(Rewrite, WorksThereAndBackWithEveryFormatThatCan) {
    for (const PayloadFormat format : {PayloadFormat::endsley_lzma, PayloadFormat::endsley, PayloadFormat::sbd}) {
        BoardSpec roomy = spec();
        roomy.patch_units = 22;
        use(roomy);
        ASSERT_TRUE(board_->install(shop().in_place(old_, new_, slot_units * unit, unit, true, format)));
        for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    }
}

TEST_F(Rewrite, IsUndoneWhenTheNewImageDoesNotConfirm) {
    use(spec());
    ASSERT_TRUE(board_->install(patch()));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
    EXPECT_TRUE(board_->state().boot.confirmed_a);
    expect_runs(old_, Decision::active, Error::tries_exhausted);
    ASSERT_TRUE(board_->install(patch()));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, ErasesNoUnitOfTheSlotMoreThanTwiceInEachDirection) {
    use(spec());
    const auto before = board_->flash().content().erase_counts;
    ASSERT_TRUE(board_->install(patch()));
    const auto erased = [&](std::uint32_t allowed) {
        for (std::uint32_t i = 0; i < slot_units; ++i)
            EXPECT_LE(board_->flash().content().erase_counts[i] - before[i], allowed) << "unit " << i;
    };
    expect_runs(new_, Decision::trial);
    erased(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(board_->reset().slot);
    erased(4);
}

TEST_F(Rewrite, WithoutAWayBackEndsInTheFactoryImageOrWaitsForAnUpdate) {
    use(spec(8));
    ASSERT_TRUE(board_->install(patch(false)));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);

    use(spec());
    EXPECT_EQ(board_->install(patch(false)).error(), Error::no_way_back);
    board_->accept_no_way_back = true;
    ASSERT_TRUE(board_->install(patch(false)));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    const BootReport report = board_->reset();
    EXPECT_FALSE(report.slot);
    EXPECT_EQ(report.cause, Error::tries_exhausted);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, TakesAFullImageInUpdateModeOnly) {
    use(spec());
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::bad_state);
    ASSERT_TRUE(board_->ask_for_update_mode());
    ASSERT_FALSE(board_->reset().slot);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, RefusesAPatchThatDoesNotFit) {
    use(spec());
    board_->accept_no_way_back = true;
    EXPECT_EQ(board_->install(shop().in_place(new_, old_, slot_units * unit, unit, false)).error(),
              Error::wrong_source);
    EXPECT_EQ(board_->install(shop().in_place(old_, new_, slot_units * unit + 512, unit, false)).error(),
              Error::too_large);
    EXPECT_EQ(board_->install(shop().in_place(old_, new_, (slot_units + 4) * unit, unit, false)).error(),
              Error::too_large);
    expect_runs(old_, Decision::active);
    BoardSpec small = spec();
    small.patch_units = 5;
    use(small);
    EXPECT_EQ(board_->install(patch()).error(), Error::too_large);
    small.scheme = Scheme::copy;
    small.patch_units = 0;
    use(small);
    EXPECT_EQ(board_->install(patch()).error(), Error::unsupported);
}

TEST_F(Rewrite, LeavesTheOldImageWhereTheStagedPatchRotted) {
    use(spec());
    ASSERT_TRUE(board_->install(patch()));
    const std::array<std::uint8_t, 4> rot{};
    board_->flash().poke(board_->regions().patch.offset + 700, rot);
    expect_runs(old_, Decision::switch_back, Error::bad_digest);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
}

/// Cut at every operation of install, rewriting and undoing; with `wipe` the journal goes, too.
class RewriteCut : public Rewrite, public testing::WithParamInterface<std::tuple<bool, PayloadFormat>> {
protected:
    void live(std::uint64_t cut_at, bool& struck) {
        board_->schedule(sim::PowerCut{.at_operation = cut_at, .outcome = sim::Torn::partial, .seed = cut_at});
        const Buffer package = package_;
        for (int i = 0; i < 12 && !done_; ++i) {
            step(package);
            if (board_->flash().powered()) continue;
            struck = true;
            board_->schedule(std::nullopt);
            if (std::get<0>(GetParam())) board_->wipe_journal();
        }
    }
    void step(const Buffer& package) {
        const BootReport report = board_->reset();
        if (!board_->flash().powered()) return;
        const BootState state = board_->state().boot;
        ASSERT_TRUE(report.slot) << "dead: " << error_name(report.cause);
        const bool runs_new = board_->holds(SlotId::a, new_);
        ASSERT_TRUE(runs_new || board_->holds(SlotId::a, old_));
        if (runs_new && state.phase != Phase::trial) done_ = true;  // the journal was lost during the trial
        if (!runs_new && state.phase == Phase::failed) done_ = true;
        if (runs_new || done_) return;
        const Result<void> installed = board_->install(package);
        if (!board_->flash().powered()) return;
        ASSERT_TRUE(installed) << error_name(installed.error());
    }

    Buffer package_;
    bool done_ = false;
};

TEST_P(RewriteCut, EndsWithAnImageThatRuns) {
    use(spec());
    package_ = shop().in_place(old_, new_, slot_units * unit, unit, true, std::get<1>(GetParam()));
    const Board::Moment begin = board_->moment();
    for (std::uint64_t at = 1;; ++at) {
        board_->go_to(begin);
        done_ = false;
        bool struck = false;
        live(at, struck);
        ASSERT_FALSE(HasFatalFailure()) << "cut at " << at;
        EXPECT_TRUE(done_) << "cut at " << at;
        if (!struck) {
            EXPECT_GT(at, 100U);
            break;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(JournalKeptOrLost, RewriteCut,
                         testing::Combine(testing::Bool(),
                                          testing::Values(PayloadFormat::sbd, PayloadFormat::endsley_lzma)));

TEST(Marks, GiveTheNewestAlsoWhenTheAreaWasFull) {
    sim::NorFlash part({.granule = 4}, {{1, 512}});
    Marks marks(Region(part, 0, 512));
    EXPECT_FALSE(marks.newest());
    State state;
    ASSERT_TRUE(marks.begin(state));
    for (std::uint16_t i = 1; i < 11; ++i) {
        state.boot.step = state.boot.step_count = i;
        state.boot.plan = Plan::rewrite;
        ASSERT_TRUE(marks.add(state));
        EXPECT_EQ(marks.newest(), state) << i;
    }
    EXPECT_EQ(part.rule_breaks(), 0U);
}

}  // namespace
}  // namespace sb::rewrite_testing
