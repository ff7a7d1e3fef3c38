#include "core/delta/format_name.hpp"

#include <gtest/gtest.h>

namespace sb {
namespace {

TEST(FormatName, IsTheOneOfTheFormatPage) {
    EXPECT_STREQ(format_name(PayloadFormat::raw), "raw");
    EXPECT_STREQ(format_name(PayloadFormat::lzma), "lzma");
    EXPECT_STREQ(format_name(PayloadFormat::endsley), "endsley");
    EXPECT_STREQ(format_name(PayloadFormat::endsley_lzma), "endsley+lzma");
    EXPECT_STREQ(format_name(PayloadFormat::hpatchlite), "hpatchlite");
    EXPECT_STREQ(format_name(PayloadFormat::vcdiff), "vcdiff");
    EXPECT_STREQ(format_name(PayloadFormat::hdiffsf), "hdiffsf");
}

TEST(FormatName, LeadsBackToItsFormat) {
    for (unsigned number = 0; number < 7; ++number) {
        const auto format = static_cast<PayloadFormat>(number);
        EXPECT_EQ(format_named(format_name(format)), format);
    }
}

TEST(FormatName, NumbersAndTextsWithoutOneAreTold) {
    EXPECT_STREQ(format_name(static_cast<PayloadFormat>(99)), "unknown");
    EXPECT_STREQ(format_name(static_cast<PayloadFormat>(255)), "unknown");
    for (const char* text : {"", "unknown", "endsley+", "Raw", "raw ", "endsley+lzma2"})
        EXPECT_EQ(format_named(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sb
