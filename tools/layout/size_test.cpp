#include "tools/layout/size.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace sb {
namespace {

TEST(Size, IsReadAsPeopleWriteIt) {
    const std::array<std::pair<const char*, std::uint64_t>, 8> table = {{{"0", 0},
                                                                         {"4096", 4096},
                                                                         {"0x4000", 0x4000},
                                                                         {"0X1e000", 0x1e000},
                                                                         {"16K", 16384},
                                                                         {"16k", 16384},
                                                                         {"1M", 1048576},
                                                                         {"3G", 3221225472}}};
    for (const auto& [text, value] : table) EXPECT_EQ(parse_size(text), value) << text;
}

TEST(Size, RefusesWhatIsNone) {
    for (const char* text : {"", "K", "0x", "-1", "1.5K", "16 K", "16KB", "abc", "0xK", "99999999999999999999",
                             "99999999999999999G", "+1", " 1"})
        EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Size, IsShownShortOnlyWhereThatIsExact) {
    EXPECT_EQ(show_size(1 << 20), "1M");
    EXPECT_EQ(show_size(480 << 10), "480K");
    EXPECT_EQ(show_size(1000), "1000");
    EXPECT_EQ(show_size(0), "0");
}

}  // namespace
}  // namespace sb
