#include <gtest/gtest.h>

#include <string>

#include "kernel/scheduler.hpp"

namespace app {
namespace {

struct Trace {
    std::string text;
    Milliseconds last = 0;
};

template <char Letter>
void mark(void* context, Milliseconds now) {
    auto* t = static_cast<Trace*>(context);
    t->text += Letter;
    t->last = now;
}

TEST(Scheduler, RunsWhatIsDueAndNothingElse) {
    Scheduler s;
    Trace t;
    ASSERT_TRUE(s.every("a", 10, 0, mark<'a'>, &t));
    EXPECT_FALSE(s.run_one(9));
    EXPECT_TRUE(s.run_one(10));
    EXPECT_FALSE(s.run_one(10));
    EXPECT_EQ(t.text, "a");
}

TEST(Scheduler, TheLongestOverdueGoesFirst) {
    Scheduler s;
    Trace t;
    ASSERT_TRUE(s.after("late", 30, 0, mark<'l'>, &t));
    ASSERT_TRUE(s.after("first", 10, 0, mark<'f'>, &t));
    ASSERT_TRUE(s.after("middle", 20, 0, mark<'m'>, &t));
    while (s.run_one(100)) {
    }
    EXPECT_EQ(t.text, "fml");
}

TEST(Scheduler, KeepsThePhaseAndCountsWhatItMissed) {
    Scheduler s;
    Trace t;
    ASSERT_TRUE(s.every("a", 10, 0, mark<'a'>, &t));
    EXPECT_TRUE(s.run_one(37));  // due at 10, 20, 30: one run, two missed
    EXPECT_EQ(s.tasks()[0].missed, 2U);
    EXPECT_EQ(s.tasks()[0].worst_lateness, 27U);
    EXPECT_FALSE(s.run_one(39));
    EXPECT_TRUE(s.run_one(40));
}

TEST(Scheduler, SurvivesTheWrapOfTheClock) {
    Scheduler s;
    Trace t;
    const Milliseconds near_end = 0xfffffff8;
    ASSERT_TRUE(s.every("a", 16, near_end, mark<'a'>, &t));
    EXPECT_FALSE(s.run_one(near_end + 15));
    EXPECT_EQ(s.until_next(near_end + 15, 1000), 1U);
    EXPECT_TRUE(s.run_one(near_end + 16));
    EXPECT_EQ(t.last, 8U);
}

TEST(Scheduler, ATaskMayCancelItselfAndTheTableMayFill) {
    Scheduler s;
    Trace t;
    for (std::size_t i = 0; i < Scheduler::max_tasks; ++i) ASSERT_TRUE(s.every("a", 5, 0, mark<'a'>, &t));
    EXPECT_FALSE(s.every("one more", 5, 0, mark<'b'>, &t));
    s.cancel(3);
    EXPECT_TRUE(s.after("fits again", 1, 0, mark<'c'>, &t));
    EXPECT_TRUE(s.run_one(1));
    EXPECT_EQ(t.text, "c");
    EXPECT_TRUE(s.after("once is over", 1, 0, mark<'c'>, &t));
}

TEST(Scheduler, RefusesWhatCannotRun) {
    Scheduler s;
    EXPECT_FALSE(s.every("no period", 0, 0, mark<'a'>, nullptr));
    EXPECT_FALSE(s.after("no function", 5, 0, nullptr, nullptr));
    EXPECT_EQ(s.until_next(0, 77), 77U);
}

}  // namespace
}  // namespace app
