#include "capi/switchback.h"  // alone, before all others

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "capi/header_alone.h"

namespace {

TEST(CapiHeader, MeansTheSameInBothLanguages) {
    const std::array<std::size_t, CAPI_SIZES> here = {CAPI_ALL_SIZES};
    std::array<std::size_t, CAPI_SIZES> in_c{};
    capi_sizes_in_c(in_c.data());
    EXPECT_EQ(here, in_c);
}

TEST(CapiResult, HasANameOfItsOwnForEachNumberThatIsOne) {
    std::set<std::string> names;
    int named = 0;
    for (int number = -1; number < 300; ++number) {
        const std::string name = switchback_result_name(static_cast<switchback_result>(number & 0xff));
        if (number >= 0 && number < 256 && name != "unknown") {
            ++named;
            names.insert(name);
        }
    }
    EXPECT_EQ(named, 40);
    EXPECT_EQ(names.size(), 40U);
    EXPECT_STREQ(switchback_result_name(SWITCHBACK_OK), "ok");
    EXPECT_STREQ(switchback_result_name(SWITCHBACK_WRONG_CLASS), "wrong_class");
    EXPECT_STREQ(switchback_result_name(SWITCHBACK_BAD_ARGUMENT), "bad_argument");
}

TEST(CapiCrc, GoesOnWhereItEnded) {
    const char* const text = "123456789";
    EXPECT_EQ(switchback_crc32(text, 9, 0), 0xCBF43926U);
    EXPECT_EQ(switchback_crc32(text + 4, 5, switchback_crc32(text, 4, 0)), 0xCBF43926U);
    EXPECT_EQ(switchback_crc32(nullptr, 0, 7), 7U);
    EXPECT_EQ(switchback_crc32(nullptr, 5, 7), 7U);
}

}  // namespace
