// Patches that other people's programs made, where the shared folder is there.
#include <gtest/gtest.h>

#ifdef SB_HAS_BZIP2
#include <bzlib.h>
#endif

#include "tests/support/shared_files.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;
using test_support::read_file;

/// The same patch with its stream unpacked. Empty when there is no bzip2 here.
Buffer unpacked([[maybe_unused]] const Buffer& patch) {
#ifdef SB_HAS_BZIP2
    Buffer text(8U << 20);
    auto size = static_cast<unsigned>(text.size());
    Buffer packed(patch.begin() + 24, patch.end());
    if (BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(text.data()), &size, reinterpret_cast<char*>(packed.data()),
                                   static_cast<unsigned>(packed.size()), 0, 0) != BZ_OK)
        return {};
    Buffer plain(patch.begin(), patch.begin() + 24);
    plain.insert(plain.end(), text.begin(), text.begin() + size);
    return plain;
#else
    return {};
#endif
}

TEST(EndsleyFixtures, GiveTheNewImage) {
    const auto shared = test_support::shared_folder();
    if (!std::filesystem::exists(shared / "fixtures" / "endsley")) GTEST_SKIP() << "no fixtures in " << shared;
    int tried = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shared / "fixtures" / "endsley")) {
        const std::string name = entry.path().filename().string();
        const auto pair = shared / "corpus" / name.substr(0, name.find('.'));
        const Buffer patch = unpacked(read_file(entry.path()));
        if (patch.empty()) GTEST_SKIP() << "built without bzip2";
        EXPECT_EQ(apply_patch(read_file(pair / "old.bin"), patch), read_file(pair / "new.bin")) << name;
        EXPECT_GT(inspect_patch(patch)->covers.size(), 0U) << name;
        ++tried;
    }
    EXPECT_GT(tried, 0);
}

}  // namespace
}  // namespace sb::diff
