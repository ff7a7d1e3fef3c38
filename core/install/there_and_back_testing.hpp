// core/install: what tests of updates share that are undone where the image runs: a board, its images, and a life that
// is cut at one operation.
#pragma once

#include "core/base/error_name.hpp"
#include "core/install/testing.hpp"

namespace sb::install_testing {

class ThereAndBack : public testing::Test {
protected:
    ThereAndBack()
        : crypto_(real_),
          old_(shop().image({.major = 1}, 5600, 0, 1)),
          new_(shop().image({.major = 1, .minor = 1}, 6100, 0, 1)),
          golden_(shop().image({.major = 0, .minor = 9}, 2000, 0, 1)) {}
    void use(const BoardSpec& board) {
        board_ = std::make_unique<Board>(board, shop().identity(), crypto_);
        board_->provision(old_, board.golden_units != 0 ? Bytes(golden_) : Bytes());
        ASSERT_EQ(board_->reset().slot, SlotId::a);
    }
    void expect_runs(const Buffer& image, Decision decision, Error cause = Error::none) {
        const BootReport report = board_->reset();
        ASSERT_EQ(report.slot, SlotId::a) << error_name(report.cause);
        EXPECT_STREQ(decision_name(report.decision), decision_name(decision));
        EXPECT_STREQ(error_name(report.cause), error_name(cause));
        EXPECT_TRUE(board_->holds(SlotId::a, image));
        EXPECT_EQ(board_->flash().rule_breaks(), 0U) << board_->flash().last_rule_break();
    }

    /// A life in which nobody confirms, cut at operation `cut_at`; with `wipe` the journal goes then, too. Answers
    /// whether the cut struck; done_ tells whether the life came to its end.
    bool live(const Buffer& package, std::uint64_t cut_at, bool wipe) {
        bool struck = false;
        done_ = false;
        board_->schedule(sim::PowerCut{.at_operation = cut_at, .outcome = sim::Torn::partial, .seed = cut_at});
        for (int i = 0; i < 16 && !done_; ++i) {
            step(package);
            if (board_->flash().powered()) continue;
            struck = true;
            board_->schedule(std::nullopt);
            if (wipe) board_->wipe_journal();
        }
        return struck;
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_;
    Buffer old_;
    Buffer new_;
    Buffer golden_;
    std::unique_ptr<Board> board_;
    bool done_ = false;

private:
    void step(const Buffer& package) {
        const BootReport report = board_->reset();
        if (!board_->flash().powered()) return;
        const BootState state = board_->state().boot;
        ASSERT_TRUE(report.slot) << "dead: " << error_name(report.cause);
        const bool runs_new = board_->holds(SlotId::a, new_);
        ASSERT_TRUE(runs_new || board_->holds(SlotId::a, old_));
        if (runs_new && state.phase != Phase::trial) done_ = true;  // the journal was lost during the trial
        if (!runs_new && state.phase == Phase::failed && state.cause != Error::none) done_ = true;
        if (runs_new || done_) return;
        const Result<void> installed = board_->install(package);
        if (!board_->flash().powered()) return;
        ASSERT_TRUE(installed) << error_name(installed.error());
    }
};

}  // namespace sb::install_testing
