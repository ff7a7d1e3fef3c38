#include "tools/diff/sbd/image_kind.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "tests/support/shared_files.hpp"
#include "tools/diff/sbd/image_description.hpp"

namespace sb::diff::image_kind_test {
namespace {

using sbd::Architecture;
using test_support::read_file;
using Buffer = std::vector<std::uint8_t>;

/// `count` words by `make`, each followed by three words of another kind.
template <class Make>
Buffer program(std::size_t count, const Make& make) {
    std::mt19937 random(3);
    Buffer image(count * 16);
    for (std::size_t k = 0; k < count * 4; ++k)
        store_le(MutableBytes(image), k * 4,
                 k % 4 == 0 ? make(k * 4) : static_cast<std::uint32_t>(random()) & 0x3f3f3f3f);
    return image;
}

TEST(ImageKind, IsFoundByCallsAndReturns) {
    const auto always = [](std::uint32_t word) { return [word](std::size_t) { return word; }; };
    EXPECT_EQ(detect_architecture(program(500, always(0xf800f000))), Architecture::thumb);   // bl .+4
    EXPECT_EQ(detect_architecture(program(500, always(0xd65f03c0))), Architecture::a64);     // ret
    EXPECT_EQ(detect_architecture(program(500, always(0x0000f01d))), Architecture::xtensa);  // retw.n
    EXPECT_EQ(detect_architecture(program(500, always(0x00018082))), Architecture::riscv);   // ret
    EXPECT_EQ(detect_architecture(program(500, always(0x00009508))), Architecture::avr);     // ret
}

TEST(ImageKind, CountsOnlyCallsIntoTheImage) {
    const Buffer outwards = program(500, [](std::size_t) { return 0xf800f3ffU; });  // bl .+0x3ff004
    EXPECT_EQ(detect_architecture(outwards), Architecture::none);
}

TEST(ImageKind, IsNoneWhenUnsure) {
    std::mt19937 random(5);
    for (const std::size_t bytes : {0U, 1U, 511U, 5000U, 300000U}) {
        Buffer noise(bytes);
        for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
        EXPECT_EQ(detect_architecture(noise), Architecture::none) << bytes;
    }
    EXPECT_EQ(detect_architecture(Buffer(100000)), Architecture::none);
}

Architecture by_name(const std::string& name) {
    const std::pair<const char*, Architecture> names[] = {{"aarch64-rootfs", Architecture::none},
                                                          {"videocore", Architecture::none},
                                                          {"aarch64", Architecture::a64},
                                                          {"cortex", Architecture::thumb},
                                                          {"xtensa", Architecture::xtensa},
                                                          {"riscv", Architecture::riscv},
                                                          {"avr", Architecture::avr},
                                                          {"tc32", Architecture::tc32}};
    for (const auto& [prefix, architecture] : names)
        if (name.starts_with(prefix)) return architecture;
    ADD_FAILURE() << "no such architecture: " << name;
    return Architecture::none;
}

TEST(ImageKind, IsRightForRealFirmware) {
    const auto corpus = test_support::shared_folder() / "corpus";
    std::ifstream pairs(corpus / "PAIRS.tsv");
    if (!pairs) GTEST_SKIP() << "no corpus at " << corpus;
    int seen = 0;
    std::string line;
    std::getline(pairs, line);  // the names of the columns
    while (std::getline(pairs, line)) {
        std::istringstream cells(line);
        std::string pair, split, architecture;
        std::getline(std::getline(std::getline(cells, pair, '\t'), split, '\t'), architecture, '\t');
        const Buffer old_image = read_file(corpus / pair / "old.bin"), new_image = read_file(corpus / pair / "new.bin");
        if (old_image.empty()) continue;
        EXPECT_EQ(describe(old_image, new_image).architecture, by_name(architecture)) << pair;
        ++seen;
    }
    EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace sb::diff::image_kind_test
