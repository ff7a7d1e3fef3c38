#include "tools/layout/journal_wear.hpp"

#include <gtest/gtest.h>

#include "sim/device/wear.hpp"
#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

TEST(JournalWear, IsThatOfRealUpdates) {
    for (const char* name :
         {"default", "nrf52840", "stm32g4", "nrf51822", "stm32f103", "stm32f407", "stm32f072", "smartfusion2"}) {
        const auto layout = load(name);
        ASSERT_TRUE(layout);
        const JournalWear counted = journal_wear(*layout);
        const auto measured = sim::measure_journal_wear(*layout);
        ASSERT_TRUE(measured) << measured.error().what;
        EXPECT_NEAR(counted.erases_per_update, measured->erases_per_update, 0.1 * measured->erases_per_update) << name;
        EXPECT_EQ(counted.rated_cycles, measured->rated_cycles);
    }
}

TEST(JournalWear, IsThatOfRealUpdatesWhereRecordsStandInsideOfUnits) {
    std::string text = with("size = \"64K\"", "size = \"528K\"");
    text =
        with("erase_unit = \"1K\"",
             "erase_map = [{units = 8, size = \"1K\"}, {units = 8, size = \"64K\"}, {units = 8, size = \"1K\"}]", text);
    text = with("size = \"24K\"", "size = \"256K\"", text);
    text = with("offset = \"32K\"\nsize = \"24K\"", "offset = \"264K\"\nsize = \"256K\"", text);
    text = with("offset = \"56K\"", "offset = \"520K\"", text);
    for (const char* same : {"false", "true"}) {
        const auto layout =
            parse({"test.toml", with("granule = 4", std::string("granule = 4\nreprogram_same = ") + same, text)});
        ASSERT_TRUE(check(*layout)) << check(*layout).error().what;
        const auto measured = sim::measure_journal_wear(*layout);
        ASSERT_TRUE(measured) << measured.error().what;
        EXPECT_NEAR(journal_wear(*layout).erases_per_update, measured->erases_per_update,
                    0.15 * measured->erases_per_update)
            << same;
    }
}

TEST(JournalWear, GrowsWithTheStepsOfTheScheme) {
    const auto xip = parse({"test.toml", good});
    std::string text = with("scheme = \"xip\"\nremap = true\n", "scheme = \"swap\"\n");
    text = with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"23K\"", text);
    const auto swap = parse({"test.toml", text});
    ASSERT_TRUE(check(*swap));
    const JournalWear without = journal_wear(*xip);
    const JournalWear with_steps = journal_wear(*swap);
    EXPECT_EQ(without.records_per_update, 24U + 5);
    EXPECT_EQ(with_steps.records_per_update, 23U + 2 * 23 + 7);
    EXPECT_GT(with_steps.erases_per_update, without.erases_per_update);
    EXPECT_LT(with_steps.updates_to_rated, without.updates_to_rated);
}

TEST(JournalWear, CountsRecordsInsideLargeUnitsWhereAPartAllowsThem) {
    const std::string large = with("erase_unit = \"1K\"",
                                   "erase_map = [{units = 8, size = \"1K\"}, {units = 6, size = \"8K\"}, "
                                   "{units = 8, size = \"1K\"}]");
    const auto once = parse({"test.toml", large});
    const auto again = parse({"test.toml", with("granule = 4", "granule = 4\nreprogram_same = true", large)});
    EXPECT_EQ(journal_wear(*once).records_per_update, 3U + 5);
    EXPECT_EQ(journal_wear(*again).records_per_update, 6U + 5);
}

TEST(JournalWear, CountsTheMarksOfARewritingToo) {
    EXPECT_EQ(journal_wear(*load("nrf52840")).mark_erases_per_update, 0);
    const JournalWear wear = journal_wear(*load("nrf51822_inplace"));
    // 4 KB of 1 KB units with 8 marks each, of which two take turns with two.
    EXPECT_NEAR(wear.mark_erases_per_update, wear.records_per_update / 32.0, 1.5);
}

}  // namespace
}  // namespace sb::layout
