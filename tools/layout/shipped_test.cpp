#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tools/layout/check.hpp"

namespace sb::layout {
namespace {

TEST(Shipped, EveryOneWorksAndIsTheFileInTheTree) {
    const auto names = shipped_names();
    ASSERT_GE(names.size(), 10U);
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

}  // namespace
}  // namespace sb::layout
