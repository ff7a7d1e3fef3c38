#include <gtest/gtest.h>

#include <algorithm>

#include "sim/prove/prove.hpp"

namespace sb::prove {
namespace {

struct Device {
    const char* scheme;
    bool golden;
};

std::string name_of_device(const Device& device) {
    std::string name = device.scheme;
    std::ranges::replace(name, '-', '_');
    return name + (device.golden ? "_with_golden" : "");
}

/// Of all that a device with one slot, a factory image and patches may do, update mode is left out: too many states.
bool asks_for_update_mode(const Device& device) {
    return !device.golden || !find_promise(device.scheme)->by_patch;
}

sim::BoardSpec board_of(const Device& device) {
    sim::BoardSpec board = small_board(find_promise(device.scheme)->scheme);
    if (device.golden) board.golden_units = board.slot_units;
    return board;
}

std::string story_of(const ExploreReport& report) {
    std::string text;
    for (const std::string& line : report.story) text += line + "\n";
    return text;
}

class EveryState : public testing::TestWithParam<Device> {};

TEST_P(EveryState, IsSeenAndBreaksNoPromise) {
    const ExploreReport report =
        prove(board_of(GetParam()), {.cuts = 1, .update_mode = asks_for_update_mode(GetParam())});
    EXPECT_EQ(report.objection, "") << story_of(report);
    EXPECT_TRUE(report.complete);
    EXPECT_GT(report.states, 1000U);
    EXPECT_GT(report.cuts, 10'000U);
    EXPECT_GE(report.deepest, 15U);
    std::printf("             %llu states, %llu transitions, deepest story %llu\n",
                static_cast<unsigned long long>(report.states), static_cast<unsigned long long>(report.transitions),
                static_cast<unsigned long long>(report.deepest));
}

// Keys and signatures differ from run to run: only what a device can tell may make a state.
TEST_P(EveryState, IsCountedAlikeInEachRun) {
    const ExploreReport once = prove(board_of(GetParam()), {.cuts = 1, .update_mode = false});
    const ExploreReport again = prove(board_of(GetParam()), {.cuts = 1, .update_mode = false});
    EXPECT_EQ(once.states, again.states);
    EXPECT_EQ(once.transitions, again.transitions);
    EXPECT_EQ(once.deepest, again.deepest);
}

INSTANTIATE_TEST_SUITE_P(Devices, EveryState,
                         testing::Values(Device{"xip", false}, Device{"xip", true}, Device{"swap", false},
                                         Device{"swap", true}, Device{"copy", false}, Device{"copy", true},
                                         Device{"ram-load", false}, Device{"single", false}, Device{"single", true},
                                         Device{"inplace", false}, Device{"inplace", true}),
                         [](const auto& device) { return name_of_device(device.param); });

TEST(Exploration, FindsNothingNewWithoutCutsBeyondAFewStates) {
    const ExploreReport report = prove(small_board(Scheme::xip), {.cuts = 0});
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(report.objection, "");
    EXPECT_LT(report.states, 200U);
    EXPECT_EQ(report.cuts, 0U);
}

TEST(Exploration, TellsTheShortestStoryFirst) {
    // Starts whatever stands in B as soon as it verifies: staging is not waited for.
    const ExploreReport report =
        prove(small_board(Scheme::xip), {.cuts = 1, .bootloader = [](Journal& journal, const BootDevice& device) {
                                             BootReport told = sb::boot(journal, device);
                                             RegionReader reader(device.map.slots[1].region);
                                             const auto b = check_image(device.map, SlotId::b, reader, device.crypto,
                                                                        device.keys, device.scratch);
                                             if (told.slot && b) told.slot = SlotId::b;
                                             return told;
                                         }});
    ASSERT_NE(report.objection, "");
    EXPECT_FALSE(report.complete);
    // boot; install, cut; boot
    EXPECT_LE(report.operations, 4U) << story_of(report);
    EXPECT_EQ(report.story.back(), report.objection);
}

TEST(Exploration, ObjectsToAUnitThatIsErasedMoreOftenThanItNeedsToBe) {
    for (const Scheme scheme : {Scheme::xip, Scheme::inplace}) {
        const std::uint8_t allowed = promise_of(scheme).erases;
        for (const std::uint8_t times : {allowed, static_cast<std::uint8_t>(allowed + 1)}) {
            const auto wearing = [&](Journal& journal, const BootDevice& device) {
                const BootReport told = sb::boot(journal, device);
                const Region& unused = scheme == Scheme::xip ? device.map.slots[1].region : device.map.patch;
                for (int i = 0; i < times; ++i) EXPECT_TRUE(unused.erase(0));
                return told;
            };
            const ExploreReport report =
                prove(small_board(scheme), {.cuts = 0, .update_mode = false, .max_states = 1, .bootloader = wearing});
            EXPECT_EQ(report.objection.contains("erased more often"), times > allowed) << report.objection;
        }
    }
}

// The journal goes with the second of two cuts: what is kept for that was just being written anew.
TEST(Exploration, WipesTheJournalOnceMoreWhileMarksAreBegunAnew) {
    const ExploreReport one = prove(small_board(Scheme::inplace), {.cuts = 1, .update_mode = false});
    const ExploreReport none = prove(small_board(Scheme::inplace), {.cuts = 0, .update_mode = false});
    EXPECT_GT(one.cuts, 500'000U) << "without it there are a tenth of them";
    EXPECT_EQ(none.cuts, 0U);
}

TEST(Exploration, SaysWhenThereAreMoreStatesThanItMayKeep) {
    const ExploreReport report = prove(small_board(Scheme::xip), {.cuts = 1, .max_states = 100});
    EXPECT_FALSE(report.complete);
    EXPECT_EQ(report.objection, "");
}

class Form : public testing::Test {
protected:
    sim::NorFlash flash{{.granule = 4}, {{8, 512}}};
    Region region{flash, 2048, 2048};
    JournalForm form{flash, region, 2048};

    void put(std::uint32_t place, const RecordKey& key, const State& state) {
        std::array<std::uint8_t, record_bytes> bytes{};
        encode_record(key, state, bytes);
        flash.poke(2048 + place * record_bytes, bytes);
    }
    void wipe() { flash.poke(2048, std::vector<std::uint8_t>(2048, 0xFF)); }
    Fingerprint now() { return form.of(flash.content()); }
};

State state_with(Phase phase, std::uint16_t transaction) {
    State state;
    state.boot.phase = phase;
    state.boot.transaction = transaction;
    return state;
}

TEST_F(Form, CountsSessionsAndUpdatesFromTheLowestAndPagesFromTheNewest) {
    put(0, {7, 1}, state_with(Phase::ready, 3));
    put(4, {8, 1}, state_with(Phase::trial, 4));
    const Fingerprint first = now();
    wipe();
    put(8, {1, 5}, state_with(Phase::ready, 0));
    put(12, {2, 9}, state_with(Phase::trial, 1));
    EXPECT_EQ(now(), first);
}

TEST_F(Form, TellsApartWhatAJournalCouldTellApart) {
    put(0, {1, 1}, state_with(Phase::ready, 0));
    put(4, {2, 1}, state_with(Phase::trial, 1));
    const Fingerprint first = now();
    put(4, {2, 1}, state_with(Phase::updated, 1));
    EXPECT_NE(now(), first) << "another state";
    wipe();
    put(0, {1, 1}, state_with(Phase::ready, 0));
    put(4, {3, 1}, state_with(Phase::trial, 1));
    EXPECT_NE(now(), first) << "a session between them, whose number could be hidden";
    wipe();
    put(4, {2, 1}, state_with(Phase::trial, 1));
    EXPECT_NE(now(), first) << "a record less";
}

TEST_F(Form, CallsAllJunkAlike) {
    flash.poke(2048, std::vector<std::uint8_t>{1, 2, 3, 4});
    const Fingerprint first = now();
    flash.poke(2048, std::vector<std::uint8_t>{9, 9, 9, 9});
    EXPECT_EQ(now(), first);
}

class FormOfMarks : public testing::Test {
protected:
    sim::NorFlash flash{{.granule = 4}, {{2, 2048}}};
    Region region{flash, 0, 4096};

    void put(std::uint32_t at, std::uint32_t number, Phase phase) {
        std::array<std::uint8_t, record_bytes> bytes{};
        encode_record({number, 0}, state_with(phase, 0), bytes);
        flash.poke(at, bytes);
    }
    void put_weak(std::uint32_t at, std::uint32_t number, Phase phase) {
        std::array<std::uint8_t, record_bytes> bytes{};
        encode_record({number, 0}, state_with(phase, 0), bytes);
        flash.arm({.at_operation = 1, .outcome = sim::Torn::complete_weak});
        EXPECT_FALSE(flash.program(at, bytes));
        flash.power_on();
    }
    void wipe() { flash.poke(0, std::vector<std::uint8_t>(4096, 0xFF)); }
    Fingerprint now() { return MarksForm(flash, region, 0).of(flash.content()); }
};

TEST_F(FormOfMarks, IsOfTheNewestAloneWhereverItStandsInItsHalf) {
    put(0, 4, Phase::staged);
    put(2048, 2, Phase::trial);
    const Fingerprint first = now();
    wipe();
    put(256, 9, Phase::staged);
    put(128, 8, Phase::ready);
    flash.poke(3000, std::vector<std::uint8_t>{1, 2, 3});
    EXPECT_EQ(now(), first);
}

TEST_F(FormOfMarks, TellsApartWhatMarksCouldTellApart) {
    put(0, 4, Phase::staged);
    const Fingerprint first = now();
    wipe();
    EXPECT_NE(now(), first) << "none";
    put(2048, 4, Phase::staged);
    EXPECT_NE(now(), first) << "the other half is erased next";
    wipe();
    put(0, 4, Phase::trial);
    EXPECT_NE(now(), first) << "it says something else";
    wipe();
    put(0, 4, Phase::staged);
    put_weak(128, 5, Phase::staged);
    const Fingerprint next = now();
    EXPECT_NE(next, first) << "one that is newer, if it reads";
    wipe();
    put(0, 4, Phase::staged);
    put_weak(128, 6, Phase::staged);
    EXPECT_NE(now(), next) << "newer by more";
    wipe();
    put(0, 4, Phase::staged);
    put_weak(128, 3, Phase::staged);
    EXPECT_EQ(now(), first) << "one that never counts";
}

}  // namespace
}  // namespace sb::prove
