#include "core/boot/locks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/boot/move_testing.hpp"

namespace sb::move_testing {
namespace {

/// "A g" of what is locked: slots, golden, patch area.
std::string locked(const Board& board, Locks locks) {
    std::string names;
    locks.each(board.map(), [&](const Region& region) {
        const sim::BoardMap& map = board.regions();
        if (region.bytes() == 0) return;
        if (region.offset() == map.slots[0].offset) names += 'A';
        if (map.slots[1].bytes != 0 && region.offset() == map.slots[1].offset) names += 'B';
        if (map.golden.bytes != 0 && region.offset() == map.golden.offset) names += 'g';
        if (map.patch.bytes != 0 && region.offset() == map.patch.offset) names += 'p';
    });
    return names;
}

struct LocksOf {
    Scheme scheme;
    SlotId runs;
    const char* at_rest;
    const char* on_trial;
};

class LocksOfEachScheme : public testing::TestWithParam<LocksOf> {};

TEST_P(LocksOfEachScheme, LeaveOpenWhereTheNextPackageGoesAndNothingElse) {
    const auto& [scheme, runs, at_rest, on_trial] = GetParam();
    OpensslCrypto crypto;
    BoardSpec spec = spec_of(scheme, 6);
    const bool keeps_patches = has_one_slot(scheme) || scheme == Scheme::copy;
    spec.patch_units = keeps_patches ? 8 : 0;
    const Board board(spec, shop().identity(), crypto);
    for (const Phase phase : {Phase::ready, Phase::writing, Phase::candidate, Phase::staged, Phase::updated,
                              Phase::reverting, Phase::failed})
        EXPECT_EQ(locked(board, locks_of(runs, phase)), at_rest) << static_cast<int>(phase);
    EXPECT_EQ(locked(board, locks_of(runs, Phase::trial)), on_trial);
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, LocksOfEachScheme,
    testing::Values(LocksOf{Scheme::xip, SlotId::a, "Ag", "ABg"}, LocksOf{Scheme::xip, SlotId::b, "Bg", "ABg"},
                    LocksOf{Scheme::ram_load, SlotId::a, "Ag", "ABg"},
                    LocksOf{Scheme::ram_load, SlotId::b, "Bg", "ABg"}, LocksOf{Scheme::swap, SlotId::a, "Ag", "ABg"},
                    LocksOf{Scheme::copy, SlotId::a, "Ag", "ABgp"}, LocksOf{Scheme::single, SlotId::a, "Agp", "Agp"},
                    LocksOf{Scheme::inplace, SlotId::a, "Ag", "Agp"}));

class Locked : public Move {
protected:
    /// Whether the part lets a program that runs erase the first unit of `region`.
    bool opens(const Region& region) {
        const std::uint64_t before = board_->flash().rule_breaks();
        const bool erased = region.erase(0).has_value();
        EXPECT_NE(erased, board_->flash().rule_breaks() != before);
        return erased;
    }
};

TEST_F(Locked, SlotThatRunsIsRefusedByTheSimulatedPartUntilTheNextReset) {
    use(spec_of(Scheme::xip));
    EXPECT_FALSE(opens(board_->map().slots[0].region));
    EXPECT_EQ(board_->flash().last_rule_break(), "erase at 0, in slot A, which is locked until the next reset");
    EXPECT_TRUE(opens(board_->map().slots[1].region));
    board_->flash().power_on();
    EXPECT_TRUE(opens(board_->map().slots[0].region));
}

TEST_F(Locked, WayBackOfATrialStaysLockedAlsoWhenItIsConfirmed) {
    use(spec_of(Scheme::xip));
    ASSERT_TRUE(board_->install(shop().full(new_)));
    ASSERT_EQ(board_->reset().slot, SlotId::b);
    EXPECT_FALSE(opens(board_->map().slots[0].region));
    EXPECT_FALSE(opens(board_->map().slots[1].region));
    ASSERT_TRUE(board_->confirm());
    EXPECT_FALSE(opens(board_->map().slots[0].region));
    ASSERT_EQ(board_->reset().slot, SlotId::b);
    EXPECT_TRUE(opens(board_->map().slots[0].region));
    EXPECT_FALSE(opens(board_->map().slots[1].region));
}

TEST_F(Locked, NothingIsInUpdateMode) {
    use(spec_of(Scheme::single));
    EXPECT_FALSE(opens(board_->map().slots[0].region));
    ASSERT_TRUE(board_->ask_for_update_mode());
    ASSERT_FALSE(board_->reset().slot);
    EXPECT_TRUE(opens(board_->map().slots[0].region));
}

}  // namespace
}  // namespace sb::move_testing
