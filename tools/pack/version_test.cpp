#include "tools/pack/version.hpp"

#include <gtest/gtest.h>

namespace sb::pack {
namespace {

TEST(VersionText, IsReadAndWrittenAsPeopleWriteIt) {
    struct Case {
        const char* text;
        Version version;
        const char* printed;
    };
    for (const auto& [text, version, printed] :
         {Case{"1.2.3+4", {1, 2, 3, 4}, "1.2.3+4"}, Case{"0", {0, 0, 0, 0}, "0.0.0"},
          Case{"7.1", {7, 1, 0, 0}, "7.1.0"}, Case{"1.0.0+0", {1, 0, 0, 0}, "1.0.0"},
          Case{"255.255.65535+4294967295", {255, 255, 65535, 4294967295U}, "255.255.65535+4294967295"}}) {
        const auto parsed = parse_version(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, version) << text;
        EXPECT_EQ(to_string(*parsed), printed);
        EXPECT_EQ(version_of_sequence(version.sequence()), version);
    }
}

TEST(VersionText, RefusesWhatIsNoVersion) {
    for (const char* text : {"", "a", "1.", "1.2.", "1.2.3+", "1+4", "1.2+3", "01.2.3", "1.2.3.4", "256.0.0", "0.256",
                             "0.0.65536", "0.0.0+4294967296", "-1", "1.2.3+4 ", " 1", "1.+2"})
        EXPECT_FALSE(parse_version(text)) << '"' << text << '"';
}

TEST(VersionText, SequencePutsTheBuildLowest) {
    EXPECT_EQ((Version{1, 2, 3, 4}.sequence()), 0x0102000300000004U);
}

}  // namespace
}  // namespace sb::pack
