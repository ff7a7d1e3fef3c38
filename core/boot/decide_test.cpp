#include "core/boot/decide.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace sb {
namespace {

constexpr std::uint8_t tries = 3;

SlotView valid_image(std::uint8_t name, std::uint64_t sequence, std::uint32_t counter) {
    return {.verdict = SlotView::Verdict::valid, .digest = {name}, .sequence = sequence, .security_counter = counter};
}

SlotView invalid_image(Error why = Error::bad_digest) {
    return {.verdict = SlotView::Verdict::invalid, .why = why};
}

/// Slots as they are; decide() gets to see them only when it asks.
struct World {
    BootView view;
    std::array<SlotView, 2> slots;
};

struct Ending {
    Action action;
    int verifications = 0;
};

/// Plays decide() to its end. Fails the test when it asks for the same slot twice.
Ending play(World world) {
    Ending ending;
    for (int i = 0; i < 4; ++i) {
        ending.action = decide(world.view);
        if (ending.action.kind != Action::Kind::verify) return ending;
        const std::size_t s = index_of(ending.action.slot);
        EXPECT_EQ(world.view.slots[s].verdict, SlotView::Verdict::unknown) << "asked twice";
        world.view.slots[s] = world.slots[s];
        ++ending.verifications;
    }
    ADD_FAILURE() << "does not end";
    return ending;
}

World old_in_a_new_in_b(Phase phase) {
    World w;
    w.view.state.phase = phase;
    w.view.state.active = SlotId::a;
    w.view.state.tries_left = tries;
    w.view.state.candidate = {'n'};
    w.view.state.active_digest = {'o'};
    w.view.state.confirmed_a = true;
    w.slots = {valid_image('o', 1, 0), valid_image('n', 2, 0)};
    return w;
}

/// Every consistent combination of what a boot can meet.
void for_each_world(const std::function<void(const World&)>& visit) {
    const std::vector<SlotView> contents = {invalid_image(), valid_image('o', 1, 1), valid_image('n', 2, 1),
                                            valid_image('n', 2, 2), invalid_image(Error::unreadable)};
    const std::vector<Phase> phases = {Phase::ready, Phase::writing, Phase::candidate, Phase::staged,
                                       Phase::trial, Phase::updated, Phase::reverting, Phase::failed};
    for (const SlotView& a : contents)
        for (const SlotView& b : contents)
            for (const Phase phase : phases)
                for (const SlotId active : {SlotId::a, SlotId::b})
                    for (const std::uint8_t left : {std::uint8_t{0}, std::uint8_t{1}, tries})
                        for (const std::uint32_t floor : {0U, 1U, 2U, 3U})
                            for (const bool lost : {false, true})
                                for (const bool can_record : {false, true}) {
                                    World w;
                                    w.slots = {a, b};
                                    w.view.state.phase = phase;
                                    w.view.state.active = active;
                                    w.view.state.tries_left = left;
                                    w.view.state.security_floor = floor;
                                    w.view.state.candidate = {'n'};
                                    w.view.journal_lost = lost;
                                    w.view.can_record = can_record;
                                    if (lost) w.view.state = BootState{};
                                    visit(w);
                                }
}

TEST(Decide, StartsTheActiveSlotAndWritesNothingWhenNothingIsPending) {
    for (const Phase phase : {Phase::ready, Phase::writing, Phase::candidate, Phase::updated, Phase::failed}) {
        const Ending e = play(old_in_a_new_in_b(phase));
        EXPECT_EQ(e.action.kind, Action::Kind::run);
        EXPECT_EQ(e.action.slot, SlotId::a);
        EXPECT_EQ(e.action.decision, Decision::active);
        EXPECT_FALSE(e.action.record.has_value());
        EXPECT_EQ(e.verifications, 1);
    }
}

TEST(Decide, LowersTheTriesInTheRecordThatPrecedesTheJump) {
    const Ending e = play(old_in_a_new_in_b(Phase::staged));
    EXPECT_EQ(e.action.slot, SlotId::b);
    EXPECT_EQ(e.action.decision, Decision::trial);
    ASSERT_TRUE(e.action.record.has_value());
    EXPECT_EQ(e.action.record->phase, Phase::trial);
    EXPECT_EQ(e.action.record->tries_left, tries - 1);
    EXPECT_EQ(e.action.record->active, SlotId::a);
}

TEST(Decide, GivesThreeTrialBootsAndSwitchesBackOnTheFourth) {
    World w = old_in_a_new_in_b(Phase::staged);
    for (int boot = 1; boot <= 3; ++boot) {
        const Ending e = play(w);
        ASSERT_EQ(e.action.decision, Decision::trial) << boot;
        w.view.state = *e.action.record;
    }
    const Ending fourth = play(w);
    EXPECT_EQ(fourth.action.decision, Decision::switch_back);
    EXPECT_EQ(fourth.action.slot, SlotId::a);
    EXPECT_EQ(fourth.action.cause, Error::tries_exhausted);
    ASSERT_TRUE(fourth.action.record.has_value());
    EXPECT_EQ(fourth.action.record->phase, Phase::failed);
    EXPECT_EQ(fourth.action.record->cause, Error::tries_exhausted);
}

TEST(Decide, SwitchesBackWhenThePendingImageDoesNotVerify) {
    World w = old_in_a_new_in_b(Phase::staged);
    w.slots[1] = invalid_image();
    const Ending e = play(w);
    EXPECT_EQ(e.action.slot, SlotId::a);
    EXPECT_EQ(e.action.decision, Decision::switch_back);
    EXPECT_EQ(e.action.record->cause, Error::slot_invalid);
}

TEST(Decide, SwitchesBackWhenAnotherImageStandsInThePendingSlot) {
    World w = old_in_a_new_in_b(Phase::staged);
    w.slots[1] = valid_image('x', 9, 0);
    EXPECT_EQ(play(w).action.slot, SlotId::a);
}

TEST(Decide, TriesNothingThatItCouldNotRecord) {
    World w = old_in_a_new_in_b(Phase::staged);
    w.view.can_record = false;
    const Ending e = play(w);
    EXPECT_EQ(e.action.slot, SlotId::a);
    EXPECT_EQ(e.action.cause, Error::io);
}

TEST(Decide, RunsTheOtherSlotWhenTheActiveOneIsBroken) {
    World w = old_in_a_new_in_b(Phase::updated);
    w.slots[0] = invalid_image();
    const Ending e = play(w);
    EXPECT_EQ(e.action.slot, SlotId::b);
    EXPECT_EQ(e.action.decision, Decision::fallback);
    EXPECT_EQ(e.action.record->active, SlotId::b);
    EXPECT_EQ(e.action.record->cause, Error::active_invalid);
}

TEST(Decide, NeverFallsBackBelowTheFloor) {
    World w = old_in_a_new_in_b(Phase::updated);
    w.view.state.active = SlotId::b;
    w.view.state.security_floor = 2;
    w.slots[1] = invalid_image();
    w.slots[0] = valid_image('o', 1, 1);
    const Ending e = play(w);
    EXPECT_EQ(e.action.kind, Action::Kind::update_mode);
    EXPECT_EQ(e.action.cause, Error::nothing_bootable);
}

TEST(Decide, RaisesTheFloorByConfirmedImagesThatVerify) {
    World w = old_in_a_new_in_b(Phase::ready);
    w.view.slots = {valid_image('o', 1, 5), valid_image('n', 2, 9)};
    EXPECT_EQ(effective_floor(w.view), 5U);
    w.view.hardware_floor = 7;
    EXPECT_EQ(effective_floor(w.view), 7U);
}

TEST(Decide, RecoversByContentWhenTheJournalIsLost) {
    struct Case {
        SlotView a, b;
        SlotId runs;
        Phase phase;
    };
    const std::vector<Case> cases = {
        {valid_image('o', 1, 0), invalid_image(), SlotId::a, Phase::ready},
        {invalid_image(), valid_image('n', 1, 0), SlotId::b, Phase::ready},
        {valid_image('o', 1, 0), valid_image('n', 2, 0), SlotId::b, Phase::trial},
        {valid_image('o', 1, 3), valid_image('n', 2, 0), SlotId::a, Phase::ready},
        {valid_image('o', 1, 3), valid_image('n', 2, 4), SlotId::b, Phase::ready},
        {valid_image('o', 1, 0), valid_image('o', 1, 0), SlotId::a, Phase::ready},
    };
    for (const Case& c : cases) {
        World w;
        w.view.journal_lost = true;
        w.slots = {c.a, c.b};
        const Ending e = play(w);
        EXPECT_EQ(e.action.slot, c.runs);
        EXPECT_EQ(e.action.decision, Decision::recovered);
        ASSERT_TRUE(e.action.record.has_value());
        EXPECT_EQ(e.action.record->phase, c.phase);
        EXPECT_EQ(e.action.record->cause, Error::journal_lost);
        EXPECT_FALSE(e.action.record->confirmed_a || e.action.record->confirmed_b);
    }
}

TEST(Decide, NeverRunsAnImageThatDoesNotVerifyOrIsBelowTheFloor) {
    int worlds = 0;
    for_each_world([&](const World& w) {
        ++worlds;
        const Ending e = play(w);
        EXPECT_LE(e.verifications, 2);
        if (e.action.kind != Action::Kind::run) return;
        const SlotView& ran = w.slots[index_of(e.action.slot)];
        EXPECT_EQ(ran.verdict, SlotView::Verdict::valid);
        EXPECT_GE(ran.security_counter, w.view.state.security_floor);
    });
    EXPECT_EQ(worlds, 5 * 5 * 8 * 2 * 3 * 4 * 2 * 2);
}

TEST(Decide, AlwaysRunsSomethingWhenSomethingMayRun) {
    for_each_world([](const World& w) {
        bool possible = false;
        for (const SlotView& s : w.slots) {
            possible |= s.verdict == SlotView::Verdict::valid && s.security_counter >= w.view.state.security_floor;
        }
        EXPECT_EQ(play(w).action.kind == Action::Kind::run, possible);
    });
}

TEST(Decide, EndsEveryTrialWithinItsTries) {
    for_each_world([](World w) {
        if (!w.view.can_record) return;
        int trials = 0;
        for (int boot = 0; boot < 6; ++boot) {
            const Ending e = play(w);
            if (e.action.kind != Action::Kind::run) return;
            if (e.action.record) {
                w.view.state = *e.action.record;
                w.view.journal_lost = false;
            }
            trials += w.view.state.phase == Phase::trial ? 1 : 0;
        }
        EXPECT_LE(trials, tries);
        EXPECT_NE(w.view.state.phase, Phase::trial);
    });
}

TEST(Decide, SettlesSoThatTheNextBootDecidesTheSameWithoutARecord) {
    for_each_world([](World w) {
        if (!w.view.can_record) return;
        for (int boot = 0; boot < 5; ++boot) {
            const Ending e = play(w);
            if (e.action.record) {
                w.view.state = *e.action.record;
                w.view.journal_lost = false;
            }
        }
        EXPECT_FALSE(play(w).action.record.has_value());
    });
}

TEST(Decide, NamesEveryDecision) {
    for (const Decision d : {Decision::active, Decision::trial, Decision::switch_back, Decision::fallback,
                             Decision::recovered, Decision::update_mode}) {
        EXPECT_STRNE(decision_name(d), "unknown");
    }
}

}  // namespace
}  // namespace sb
