// tools/layout: a layout that works, for tests that break one thing of it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tools/layout/check.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/space.hpp"

namespace sb::layout {

/// 64 KB in 1 KB pages. Its lines are numbered in the comments.
inline const std::string good =
    "name = \"test\"\n"                                                                     // 1
    "scheme = \"xip\"\n"                                                                    // 2
    "remap = true\n"                                                                        // 3
    "header_size = 0x200\n"                                                                 // 4
    "decoders = [\"raw\", \"lzma:16K\"]\n"                                                  // 5
    "[[flash]]\n"                                                                           // 6
    "name = \"main\"\n"                                                                     // 7
    "address = 0x8000000\n"                                                                 // 8
    "size = \"64K\"\n"                                                                      // 9
    "erase_unit = \"1K\"\n"                                                                 // 10
    "granule = 4\n"                                                                         // 11
    "rated_cycles = 10000\n"                                                                // 12
    "[[region]]\n"                                                                          // 13
    "name = \"boot\"\n"                                                                     // 14
    "flash = \"main\"\n"                                                                    // 15
    "offset = 0\n"                                                                          // 16
    "size = \"8K\"\n"                                                                       // 17
    "[[region]]\nname = \"slot_a\"\nflash = \"main\"\noffset = \"8K\"\nsize = \"24K\"\n"    // 18 to 22
    "[[region]]\nname = \"slot_b\"\nflash = \"main\"\noffset = \"32K\"\nsize = \"24K\"\n"   // 23 to 27
    "[[region]]\nname = \"journal\"\nflash = \"main\"\noffset = \"56K\"\nsize = \"8K\"\n";  // 28 to 32

/// `text` with the first `from` replaced.
inline std::string with(const std::string& from, const std::string& to, std::string text = good) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

inline std::expected<Findings, Problem> examine(const std::string& text) {
    auto layout = parse({"test.toml", text});
    if (!layout) return std::unexpected(layout.error());
    return check(*layout);
}

inline FlashMap map_of(const std::string& text) {
    const auto layout = parse({"test.toml", text});
    GeometryFlash flash(layout->parts[0]);  // the map is looked at, not used
    Flash* const parts[] = {&flash};
    return flash_map(*layout, parts);
}

/// The largest image of `text` with another scheme.
inline std::uint32_t most(const std::string& text, Scheme scheme) {
    const auto layout = parse({"test.toml", text});
    EXPECT_TRUE(layout) << layout.error().what;
    return most_image_bytes(*layout, scheme);
}

struct Broken {
    const char* from;
    const char* to;
    std::uint32_t line;
    const char* says;
};

inline void expect_refusal(const std::string& base, const Broken& b) {
    const auto found = examine(with(b.from, b.to, base));
    ASSERT_FALSE(found) << b.to;
    EXPECT_EQ(found.error().line, b.line) << b.to << ": " << found.error().what;
    EXPECT_NE(found.error().what.find(b.says), std::string::npos) << b.to << ": " << found.error().what;
    EXPECT_FALSE(found.error().fix.empty()) << b.to;
    EXPECT_EQ(found.error().file, "test.toml");
}

}  // namespace sb::layout
