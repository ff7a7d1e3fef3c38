// The example of docs/c-api.md stands there as it is compiled, and does what it says.
#include "examples/c/ten_lines.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "core/delta/testing.hpp"
#include "tools/diff/patch.hpp"

namespace {
std::string& reported() {
    static std::string what;
    return what;
}

std::string text_of(const char* path) {
    std::ifstream in(std::string(SB_SOURCE_DIR) + path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}
}  // namespace

extern "C" void report(const char* what) {
    reported() = what;
}

namespace sb {
namespace {

TEST(TenLines, StandInTheDocumentAsTheyAreCompiled) {
    const std::string source = text_of("/examples/c/ten_lines.c");
    const std::string begin = "/* example */\n", end = "/* end of example */";
    const std::size_t from = source.find(begin) + begin.size();
    ASSERT_LT(from, source.find(end));
    const std::string example = source.substr(from, source.find(end) - from);
    EXPECT_NE(text_of("/docs/c-api.md").find("```c\n" + example + "```"), std::string::npos);
}

TEST(TenLines, MakeTheNewProgram) {
    const auto pair = delta_testing::two_builds(4000, 4);
    diff::DiffOptions options;
    options.ram_bytes = 4096;
    const auto patch = diff::make_patch(pair.old_image, pair.new_image, options).bytes;
    delta_testing::Buffer room(pair.new_image.size());
    const auto made =
        update(pair.old_image.data(), pair.old_image.size(), patch.data(), patch.size(), room.data(), room.size());
    EXPECT_EQ(made, room.size());
    EXPECT_EQ(room, pair.new_image);
    EXPECT_EQ(update(pair.old_image.data(), 10, patch.data(), patch.size(), room.data(), room.size()), 0U);
    EXPECT_EQ(reported(), "wrong_source");
}

}  // namespace
}  // namespace sb
