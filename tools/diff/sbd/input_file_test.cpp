#include "tools/diff/sbd/input_file.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace sb::diff::input_file_test {
namespace {

using sbd::Architecture;
using Buffer = std::vector<std::uint8_t>;

Buffer text(const std::string& s) {
    return {s.begin(), s.end()};
}

void put(Buffer& file, std::size_t at, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
        store_le(MutableBytes(file), at, word);
        at += 4;
    }
}

/// Code at 0x08000000, variables whose first values stand behind it and that run at 0x20000000.
Buffer elf32() {
    Buffer file(0x100);
    put(file, 0, {0x464c457f, 0x00010101});
    file[16] = 2, file[18] = 243, file[28] = 52, file[42] = 32, file[44] = 3;
    put(file, 52, {1, 0xa0, 0x08000000, 0x08000000, 0x20, 0x20});
    put(file, 84, {1, 0xc0, 0x20000000, 0x08000020, 4, 0x100});
    put(file, 116, {1, 0, 0x20000100, 0x20000100, 0, 0x400});
    for (std::uint8_t k = 0; k < 0x24; ++k) file[0xa0U + k] = k;
    return file;
}

TEST(InputFile, TurnsAnElfExecutableIntoWhatStandsInFlash) {
    EXPECT_EQ(input_kind(elf32()), InputKind::elf_executable);
    const InputImage image = unwrap(elf32());
    ASSERT_EQ(image.bytes.size(), 0x24u);
    EXPECT_EQ(image.bytes[0x23], 0x23);
    EXPECT_EQ(image.flash_address, 0x08000000u);
    EXPECT_EQ(image.table.architecture, Architecture::riscv);
    ASSERT_EQ(image.table.segments.size(), 2u);
    EXPECT_EQ(image.table.segments[1].offset, 0x20u);
    EXPECT_EQ(image.table.segments[1].address, 0x20000000u);
    EXPECT_EQ(image.table.segments[1].bytes, 0x100u);
}

TEST(InputFile, TellsRamThatIsNotTheUsualOne) {
    Buffer file = elf32();
    put(file, 52 + 64 + 24, {6});  // .bss is written to
    const LoadTable table = unwrap(file).table;
    EXPECT_EQ(table.ram_address, 0x20000100u);
    EXPECT_EQ(table.ram_bytes, 0x400u);
    file[18] = 40;  // Arm, where that is the usual place
    EXPECT_EQ(unwrap(file).table.ram_bytes, 0u);
}

TEST(InputFile, LeavesAProgramOfASystemAsItIs) {
    Buffer file = elf32();
    put(file, 116, {3});  // PT_INTERP
    EXPECT_EQ(unwrap(file).bytes, file);
    EXPECT_EQ(unwrap(file).kind, InputKind::image);
}

TEST(InputFile, LeavesALibraryAsItIs) {
    Buffer file = elf32();
    file[16] = 3;
    EXPECT_EQ(input_kind(file), InputKind::image);
    EXPECT_EQ(unwrap(file).bytes, file);
}

TEST(InputFile, ReadsIntelHex) {
    const InputImage image = unwrap(text(":020000040800F2\r\n:0400000001020304F2\n:02000800AABB91\n:00000001FF\n"));
    EXPECT_EQ(image.bytes, (Buffer{1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xbb}));
    EXPECT_EQ(image.flash_address, 0x08000000u);
    ASSERT_EQ(image.table.segments.size(), 1u);
    EXPECT_EQ(image.table.segments[0].address, 0x08000000u);
}

TEST(InputFile, ReadsIntelHexWithSegments) {
    EXPECT_EQ(unwrap(text(":020000021000EC\n:0100000055AA\n")).flash_address, 0x10000u);
}

TEST(InputFile, RefusesIntelHexThatIsDamaged) {
    for (const char* damaged : {":020000040800F3\n", ":0400000001020304F2x", ":04000000010203", ":0400000901020304E9",
                                ":00000001FF\n", ":0100000055AA\n:02000004FFFFFC\n:0100FF0055AB\n", ":010000005GAA\n"})
        EXPECT_THROW(static_cast<void>(unwrap(text(damaged))), InputError) << damaged;
}

TEST(InputFile, SaysWhichRecordIsWrong) {
    try {
        static_cast<void>(unwrap(text(":0100000055AA\n:0100000055AB\n")));
        FAIL();
    } catch (const InputError& e) {
        EXPECT_NE(std::string(e.what()).find("record 2"), std::string::npos) << e.what();
    }
}

Buffer uf2_block(std::uint32_t address, std::uint32_t flags, std::uint8_t value) {
    Buffer block(512);
    put(block, 0, {0x0a324655, 0x9e5d5157, flags, address, 256, 0, 1, 0});
    std::fill(block.begin() + 32, block.begin() + 288, value);
    put(block, 508, {0x0ab16f30});
    return block;
}

TEST(InputFile, ReadsUf2) {
    Buffer file = uf2_block(0x10000100, 0, 2);
    for (const Buffer& block : {uf2_block(0x10000000, 0, 1), uf2_block(0x20000000, 1, 3)})
        file.insert(file.end(), block.begin(), block.end());
    const InputImage image = unwrap(file);
    EXPECT_EQ(image.flash_address, 0x10000000u);
    ASSERT_EQ(image.bytes.size(), 512u);
    EXPECT_EQ(image.bytes[0], 1);
    EXPECT_EQ(image.bytes[511], 2);
    put(file, 512 + 16, {477});
    EXPECT_THROW(static_cast<void>(unwrap(file)), InputError);
    file.pop_back();
    EXPECT_THROW(static_cast<void>(unwrap(file)), InputError);
}

TEST(InputFile, NeverMakesMoreThanIsAllowed) {
    EXPECT_THROW(static_cast<void>(unwrap(text(":0100000055AA\n:020000040001F9\n:0100000055AA\n"), 0x1000)),
                 InputError);
    EXPECT_EQ(unwrap(text(":0100000055AA\n:020000040001F9\n:0100000055AA\n"), 0x10001).bytes.size(), 0x10001u);
}

TEST(InputFile, WithDamageEndsInAnImageOrInAnError) {
    std::mt19937 random(9);
    const std::vector<Buffer> files{elf32(), text(":020000040800F2\r\n:0400000001020304F2\n:00000001FF\n"),
                                    uf2_block(0x10000100, 0, 2)};
    for (int round = 0; round < 30000; ++round) {
        Buffer file = files[random() % files.size()];
        for (int changes = 0; changes < 2; ++changes)
            file[random() % file.size()] = static_cast<std::uint8_t>(random());
        if (random() % 4 == 0) file.resize(random() % file.size());
        try {
            EXPECT_LE(unwrap(file, 0x10000).bytes.size(), 0x10000u);
        } catch (const InputError&) {
        }
    }
}

}  // namespace
}  // namespace sb::diff::input_file_test
