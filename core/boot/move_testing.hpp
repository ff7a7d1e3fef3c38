// core/boot: a device whose boots bring images to where they run, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include "core/boot/application.hpp"
#include "core/boot/boot.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/memo_crypto.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb::move_testing {

using sim::Board;
using sim::BoardSpec;
using Buffer = std::vector<std::uint8_t>;

inline const sim::Workshop& shop() {
    static const sim::Workshop workshop;
    return workshop;
}

inline BoardSpec spec_of(Scheme scheme, std::uint32_t golden_units = 0) {
    return {.name = "move", .unit_bytes = 1024, .slot_units = 6, .scheme = scheme, .golden_units = golden_units};
}

class Move : public testing::Test {
protected:
    Move()
        : crypto_(real_),
          old_(shop().image({.major = 1}, 3000, 0, 1)),
          new_(shop().image({.major = 1, .minor = 1}, 4100, 0, 2)),
          golden_(shop().image({.major = 0, .minor = 9}, 2000, 0, 1)) {}
    void use(const BoardSpec& board) {
        board_ = std::make_unique<Board>(board, shop().identity(), crypto_);
        board_->provision(old_, board.golden_units != 0 ? Bytes(golden_) : Bytes());
        ASSERT_EQ(board_->reset().slot, SlotId::a);
    }
    void expect_runs(const Buffer& image, Decision decision, Error cause = Error::none) {
        const BootReport report = board_->reset();
        ASSERT_EQ(report.slot, SlotId::a);
        EXPECT_STREQ(decision_name(report.decision), decision_name(decision));
        EXPECT_EQ(report.cause, cause);
        EXPECT_TRUE(board_->holds(SlotId::a, image));
        EXPECT_EQ(board_->flash().rule_breaks(), 0U) << board_->flash().last_rule_break();
    }
    void expect_update_mode(Error cause) {
        const BootReport report = board_->reset();
        EXPECT_FALSE(report.slot);
        EXPECT_EQ(report.decision, Decision::update_mode);
        EXPECT_EQ(report.cause, cause);
    }
    void fail_the_trial() {
        for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_;
    Buffer old_;
    Buffer new_;
    Buffer golden_;
    std::unique_ptr<Board> board_;
};

}  // namespace sb::move_testing
