#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tools/layout/check.hpp"

namespace sb::layout {
namespace {

TEST(Shipped, EveryOneWorksAndIsTheFileInTheTree) {
    const auto names = shipped_names();
    ASSERT_GE(names.size(), 12U);
    for (const std::string& name : names) {
        const auto layout = load(name);
        ASSERT_TRUE(layout) << layout.error().where() << layout.error().what;
        EXPECT_EQ(layout->name, name);
        std::ifstream file(SB_SOURCE_DIR "/layouts/" + name + ".toml");
        std::ostringstream text;
        text << file.rdbuf();
        EXPECT_EQ(find(name)->text, text.str());
    }
}

TEST(Shipped, FactsOfTheShippedOnesAreThoseOfTheirParts) {
    const auto nordic = load("nrf52840");
    ASSERT_TRUE(nordic);
    EXPECT_FALSE(nordic->remap);
    EXPECT_TRUE(nordic->cortex_m);
    ASSERT_EQ(nordic->parts.size(), 1U);
    EXPECT_EQ(nordic->parts[0].geometry.bytes, 1U << 20);
    EXPECT_EQ(nordic->parts[0].geometry.granule, 4U);
    EXPECT_EQ(nordic->parts[0].geometry.rated_cycles, 10'000U);
    EXPECT_EQ(nordic->parts[0].erase_map[0].unit_bytes, 4096U);
    const auto standard = load("default");
    ASSERT_TRUE(standard);
    EXPECT_TRUE(standard->remap);
    EXPECT_EQ(standard->tries, 3);
}

TEST(Shipped, TheOneThatLoadsImagesToRamKeepsThemWhereTheProcessorDoesNotLook) {
    const auto layout = load("smartfusion2");
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->scheme, Scheme::ram_load);
    ASSERT_EQ(layout->parts.size(), 2U);
    const Part& spi = layout->parts[1];
    EXPECT_EQ(spi.geometry.bytes, 16U << 20);
    EXPECT_EQ(spi.erase_map[0].unit_bytes, 64U << 10);
    EXPECT_EQ(spi.geometry.rated_cycles, 100'000U);
    EXPECT_EQ(address_of(*layout, *layout->region("boot")), 0x60000000U);
    for (const char* name : {"slot_a", "slot_b", "golden", "journal"})
        EXPECT_EQ(layout->region(name)->part, 1U) << name;
    EXPECT_EQ(layout->region("journal")->bytes, 4 * 65536U);
    ASSERT_TRUE(layout->ram && layout->load);
    EXPECT_EQ(layout->ram->address, 0x20000000U);
    EXPECT_EQ(layout->ram->address + layout->ram->bytes, layout->load->address);
    EXPECT_EQ(layout->ram->bytes + layout->load->bytes, 64U << 10);
    EXPECT_EQ(check(*layout)->image_room_bytes, layout->load->bytes);
}

TEST(Shipped, TheOneWithASingleSlotSaysThatThereIsNoWayBack) {
    const auto layout = load("stm32f072");
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->scheme, Scheme::single);
    EXPECT_EQ(layout->region("slot_b"), nullptr);
    EXPECT_EQ(check(*layout)->way_back, WayBack::none);
    EXPECT_EQ(check(*layout)->image_room_bytes, 88U << 10);
    EXPECT_EQ(layout->parts[0].geometry.granule, 2U);
    EXPECT_EQ(layout->parts[0].erase_map[0].unit_bytes, 2048U);
    EXPECT_EQ(layout->parts[0].geometry.bytes, 128U << 10);
    EXPECT_EQ(layout->ram->bytes, 16U << 10);
}

TEST(Shipped, ThoseOfBatteriesCareForThem) {
    // Above the least supply of the part (2.0 V, 1.7 V) and below what a fresh cell gives.
    for (const auto& [name, least] : {std::pair{"stm32f072", 2000U}, {"nrf52840", 1700U}}) {
        const std::uint32_t threshold = load(name)->low_battery_millivolts;
        EXPECT_GT(threshold, least) << name;
        EXPECT_LT(threshold, 3000U) << name;
    }
}

}  // namespace
}  // namespace sb::layout
