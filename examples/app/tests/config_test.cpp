#include <gtest/gtest.h>

#include "config/store.hpp"
#include "fake_board.hpp"

namespace app {
namespace {

TEST(Parameters, EveryDefaultIsWithinItsLimitsAndEveryNameIsItsOwn) {
    Parameters p;
    for (std::size_t i = 0; i < parameter_count; ++i) {
        const auto parameter = static_cast<Parameter>(i);
        const ParameterInfo& info = parameter_info(parameter);
        EXPECT_TRUE(p.set(parameter, info.standard)) << info.name;
        EXPECT_FALSE(p.set(parameter, info.most + 1)) << info.name;
        EXPECT_FALSE(p.set(parameter, info.least - 1)) << info.name;
        EXPECT_EQ(find_parameter(info.name), parameter);
        EXPECT_EQ(p.get(parameter), info.standard);
    }
    EXPECT_EQ(find_parameter("nonsense"), std::nullopt);
}

TEST(ConfigStore, LoadsWhatWasSavedLast) {
    FakePages pages;
    Parameters p;
    ConfigStore store(pages);
    EXPECT_FALSE(store.load(p));
    for (const std::int32_t v : {5000, 6000, 7000}) {
        ASSERT_TRUE(p.set(Parameter::set_point, v));
        ASSERT_TRUE(store.save(p));
    }
    Parameters fresh;
    ConfigStore again(pages);
    ASSERT_TRUE(again.load(fresh));
    EXPECT_EQ(fresh.get(Parameter::set_point), 7000);
    EXPECT_EQ(again.revision(), 3U);
}

TEST(ConfigStore, APowerCutWhileSavingLeavesTheOneBefore) {
    for (std::size_t words = 0; words < 20; ++words) {
        FakePages pages;
        Parameters p;
        ConfigStore store(pages);
        ASSERT_TRUE(p.set(Parameter::set_point, 5000));
        ASSERT_TRUE(store.save(p));
        ASSERT_TRUE(p.set(Parameter::set_point, 6000));
        pages.power_fails_after_words = words;
        EXPECT_FALSE(store.save(p));
        Parameters fresh;
        ConfigStore again(pages);
        ASSERT_TRUE(again.load(fresh));
        EXPECT_EQ(fresh.get(Parameter::set_point), 5000);
        pages.power_fails_after_words = 1000;
        ASSERT_TRUE(fresh.set(Parameter::set_point, 6500));
        ASSERT_TRUE(again.save(fresh));
        ASSERT_TRUE(store.load(p));
        EXPECT_EQ(p.get(Parameter::set_point), 6500);
    }
}

TEST(ConfigStore, AFlippedBitIsSeen) {
    FakePages pages;
    Parameters p;
    ConfigStore store(pages);
    ASSERT_TRUE(store.save(p));
    pages.pages[store.page()][5] ^= 0x10;
    ConfigStore again(pages);
    EXPECT_FALSE(again.load(p));
}

}  // namespace
}  // namespace app
