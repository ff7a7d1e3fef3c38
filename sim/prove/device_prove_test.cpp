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
    const ExploreReport report = prove(board_of(GetParam()), {.cuts = 1});
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
                                         Device{"ram-load", false}, Device{"single", false}, Device{"single", true}),
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

}  // namespace
}  // namespace sb::prove
