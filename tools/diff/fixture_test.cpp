// Patches that other people's programs made, where the shared folder is there.
#include <gtest/gtest.h>

#include "tests/support/shared_files.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;
using test_support::read_file;

TEST(EndsleyFixtures, GiveTheNewImage) {
    const auto shared = test_support::shared_folder();
    if (!std::filesystem::exists(shared / "fixtures" / "endsley")) GTEST_SKIP() << "no fixtures in " << shared;
    int tried = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shared / "fixtures" / "endsley")) {
        const std::string name = entry.path().filename().string();
        const auto pair = shared / "corpus" / name.substr(0, name.find('.'));
        const Buffer patch = read_file(entry.path());
        EXPECT_EQ(apply_patch(read_file(pair / "old.bin"), patch), read_file(pair / "new.bin")) << name;
        const auto info = inspect_patch(patch);
        ASSERT_TRUE(info.has_value());
        EXPECT_EQ(info->format, "endsley+bzip2");
        EXPECT_GT(info->covers.size(), 0U) << name;
        ++tried;
    }
    EXPECT_GT(tried, 0);
}

}  // namespace
}  // namespace sb::diff
