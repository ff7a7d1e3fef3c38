#include <gtest/gtest.h>

#include "sim/prove/abstract.hpp"
#include "sim/prove/checks.hpp"
#include "sim/prove/observer.hpp"

namespace sb::prove {
namespace {

// Unoptimised and sanitised builds run a fraction: they look for other faults.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
constexpr bool fast = true;
#else
constexpr bool fast = false;
#endif

std::string story(const Report& r) {
    std::string out = r.what + "\n";
    for (const std::string& line : r.story) out += line + "\n";
    return out;
}

TEST(Observer, ForbidsWhatAnAnswerToldOtherwise) {
    Observer o;
    EXPECT_EQ(o.read({}), "") << "nothing was answered yet";
    o.tries(1);
    EXPECT_EQ(o.read(1), "");
    o.committed(1);
    EXPECT_NE(o.read({}), "");
    o.tries(2);
    o.tries(3);
    for (const std::uint32_t id : {1U, 2U, 3U}) EXPECT_EQ(o.read(id), "");
    EXPECT_NE(o.read(4), "");
    o.idled(2);
    EXPECT_NE(o.read(1), "") << "older than the answer";
    EXPECT_EQ(o.read(3), "") << "a change that was cut may appear after an idle answer";
    o.committed(2);
    EXPECT_NE(o.read(3), "") << "but never after a commit";
}

TEST(Abstract, RotationSessionsAndNamesDoNotTellRegionsApart) {
    const Shape shape{3, 4};
    Abstract a;
    a.slot[0] = {Cell::valid, 7, 1, 5};
    a.slot[1] = {Cell::weak, 7, 2, 9};
    a.slot[4] = {Cell::weak, 8, 1, 200};
    Abstract b;
    b.slot[4] = {Cell::valid, 3, 1, 1};
    b.slot[5] = {Cell::weak, 3, 2, 2};
    b.slot[8] = {Cell::weak, 4, 1, 130};
    EXPECT_EQ(normal(a, shape), normal(b, shape));
    b.slot[8].session = 5;
    EXPECT_NE(normal(a, shape), normal(b, shape)) << "the distance of sessions matters";
    b.slot[8].session = 4;
    b.slot[8].content = 3;
    EXPECT_NE(normal(a, shape), normal(b, shape)) << "forbidden is not allowed";
}

TEST(Abstract, ReadingsOfAPageCoverCountNewestAndTwins) {
    const Slot one{Cell::weak, 1, 1, 1};
    const Slot page[4] = {{Cell::valid, 1, 1, 1}, one, {Cell::weak, 1, 3, 2}, {}};
    EXPECT_EQ(readings_of(page, 4).size(), 4U);
    const Slot solid[4] = {{Cell::valid, 1, 1, 1}, {Cell::junk, 0, 0, 0}, {}, {}};
    EXPECT_EQ(readings_of(solid, 4).size(), 1U);
}

TEST(JournalProof, RandomRunsContradictNoAnswer) {
    Options options;
    options.runs = fast ? 12'000 : 400;
    const Report r = find_check("product")->run_random(options);
    EXPECT_FALSE(r.violated) << story(r);
    EXPECT_EQ(r.runs, options.runs);
    EXPECT_GT(r.cuts, r.runs * 20) << "the injector must have struck";
    EXPECT_GT(r.answers, r.runs * 10) << "and answers must have been given";
}

TEST(JournalProof, FourPagesStandEveryWayOfCutting) {
    Options options;
    options.cuts = fast ? 6 : 3;
    const Report r = find_check("product")->explore(options);
    EXPECT_FALSE(r.violated) << story(r);
    EXPECT_TRUE(r.complete);
    EXPECT_EQ(r.cuts_survived, options.cuts);
    EXPECT_GT(r.states_at.back(), 1000U);
}

TEST(JournalProof, FiveRecordsAPageStandToo) {
    Options options;
    options.records = 5;
    options.cuts = fast ? 3 : 2;
    const Report r = find_check("product")->explore(options);
    EXPECT_FALSE(r.violated) << story(r);
    EXPECT_EQ(r.cuts_survived, options.cuts);
}

TEST(JournalProof, ThreePagesStandFourCutsAndFallAtFive) {
    Options options;
    options.cuts = 4;
    const Check* three = find_check("three-pages");
    const Report stands = three->explore(options);
    EXPECT_FALSE(stands.violated) << story(stands);
    options.cuts = 5;
    EXPECT_TRUE(three->explore(options).violated) << "the reason why there are four";
}

TEST(JournalProof, EveryOutcomeClassAgreesWithTheWeakOnesThatDominate) {
    Options options;
    options.cuts = fast ? 2 : 1;
    options.all_outcomes = true;
    const Report r = find_check("product")->explore(options);
    EXPECT_FALSE(r.violated) << story(r);
    EXPECT_EQ(r.cuts_survived, options.cuts);
}

class PlantTest : public ::testing::TestWithParam<std::string_view> {};

TEST_P(PlantTest, IsCaughtWithItsStory) {
    const Check* check = find_check(GetParam());
    ASSERT_NE(check, nullptr);
    ASSERT_TRUE(check->cuts != 0 || check->random);
    if (check->cuts != 0) {
        Options options;
        options.cuts = check->cuts - 1;
        EXPECT_FALSE(check->explore(options).violated) << "falls earlier than its table says";
        options.cuts = check->cuts;
        const Report r = check->explore(options);
        EXPECT_TRUE(r.violated);
        EXPECT_FALSE(r.what.empty());
        EXPECT_GE(r.story.size(), 5U);
        EXPECT_NE(r.story.back().find("VIOLATION"), std::string::npos);
    }
    if (check->random) {
        const Report r = check->run_random({});
        EXPECT_TRUE(r.violated);
        EXPECT_FALSE(r.what.empty());
        EXPECT_GE(r.story.size(), 5U);
    }
}

std::vector<std::string_view> plants() {
    std::vector<std::string_view> names;
    for (const Check& c : checks())
        if (!c.holds) names.push_back(c.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Rules, PlantTest, ::testing::ValuesIn(plants()), [](const auto& rule) {
    std::string name(rule.param);
    for (char& c : name)
        if (c == '-') c = '_';
    return name;
});

}  // namespace
}  // namespace sb::prove
