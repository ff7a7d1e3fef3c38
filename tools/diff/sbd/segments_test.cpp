#include "tools/diff/sbd/segments.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string_view>

#include "tools/diff/sbd/image_description.hpp"

namespace sb::diff::segments_test {
namespace {

using sbd::Architecture;
using sbd::LoadSegment;
using Buffer = std::vector<std::uint8_t>;

void put(Buffer& image, std::size_t at, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
        store_le(MutableBytes(image), at, word);
        at += 4;
    }
}

void store_be32(Buffer& image, std::size_t at, std::uint32_t value) {
    for (std::size_t k = 0; k < 4; ++k) image[at + k] = static_cast<std::uint8_t>(value >> (24 - 8 * k));
}

void expect_segments(const LoadTable& table, const std::vector<LoadSegment>& wanted) {
    ASSERT_EQ(table.segments.size(), wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
        EXPECT_EQ(table.segments[k].offset, wanted[k].offset) << k;
        EXPECT_EQ(table.segments[k].address, wanted[k].address) << k;
        EXPECT_EQ(table.segments[k].bytes, wanted[k].bytes) << k;
    }
}

Buffer esp32(std::uint8_t chip, std::uint32_t data_address, std::uint32_t code_address) {
    Buffer image(0x200);
    put(image, 0, {0x220002e9, code_address});
    image[12] = chip;
    put(image, 24, {data_address, 0x80});
    put(image, 24 + 8 + 0x80, {code_address, 0x100});
    return image;
}

TEST(LoadTable, IsThatOfAnEsp32Image) {
    const LoadTable table = load_table(esp32(0, 0x3f400020, 0x400d0020));
    expect_segments(table, {{32, 0x3f400020, 0x80}, {0xa8, 0x400d0020, 0x100}});
    EXPECT_EQ(table.architecture, Architecture::xtensa);
    EXPECT_EQ(table.ram_address, 0x3fc00000u);
}

TEST(LoadTable, KnowsTheRamThatStaysOnInAnEsp32S3) {
    const LoadTable table = load_table(esp32(9, 0x3c0f0020, 0x600fe000));
    expect_segments(table, {{32, 0x3c0f0020, 0x80}, {0xa8, 0x600fe000, 0x100}});
    EXPECT_EQ(table.architecture, Architecture::xtensa);
}

TEST(LoadTable, TellsTheRiscVChipsApart) {
    const LoadTable c3 = load_table(esp32(5, 0x3c000020, 0x42000020));
    EXPECT_EQ(c3.architecture, Architecture::riscv);
    EXPECT_EQ(c3.ram_address, 0x3fc80000u);
    const LoadTable c6 = load_table(esp32(13, 0x42100020, 0x40800000));
    EXPECT_EQ(c6.architecture, Architecture::riscv);
    EXPECT_EQ(c6.ram_address, 0x40800000u);
}

TEST(LoadTable, IsThatOfAnEsp8266ImageBehindItsLoader) {
    Buffer image(0x1200);
    put(image, 0, {0x000001e9, 0x40100000, 0x40100000, 0x20});
    put(image, 0x1000, {0x000002e9, 0x40100100, 0x40201010, 0x100});
    put(image, 0x1110, {0x40100100, 0x40});
    expect_segments(
        load_table(image),
        {{16, 0x40100000, 0x20}, {0x1010, 0x40201010, 0x100}, {0x1118, 0x40100100, 0x40}, {0, 0x40200000, 0x1200}});
    EXPECT_EQ(load_table(image).architecture, Architecture::xtensa);
}

TEST(LoadTable, IsThatOfAnEsp8266ImageOfTheSecondVersion) {
    Buffer image(0x200);
    put(image, 0, {0x000004ea, 0x40100004, 0, 0x100});
    put(image, 0x110, {0x000001e9, 0x40100004, 0x40100000, 0x80});
    expect_segments(load_table(image), {{0x120, 0x40100000, 0x80}, {0, 0x40201000, 0x200}});
}

TEST(LoadTable, IsThatOfAPhy6222Image) {
    Buffer image(0x400);
    put(image, 0, {0x36594850, 2});
    put(image, 16, {0x11010000, 0x200, 0x11010100, 0});
    put(image, 32, {0x11010200, 0x100, 0x1fff1838, 0});
    const LoadTable table = load_table(image);
    expect_segments(table, {{0x100, 0x11010100, 0x200}, {0x300, 0x1fff1838, 0x100}});
    EXPECT_EQ(table.architecture, Architecture::thumb);
    EXPECT_EQ(table.ram_address, 0x1fff0000u);
}

TEST(LoadTable, IsThatOfAUBootImage) {
    Buffer image(0x140);
    store_be32(image, 0, 0x27051956);
    store_be32(image, 12, 0x100);
    store_be32(image, 16, 0x80008000);
    image[29] = 22;  // arm64
    expect_segments(load_table(image), {{64, 0x80008000, 0x100}});
    EXPECT_EQ(load_table(image).architecture, Architecture::a64);
    image[31] = 1;  // packed
    EXPECT_TRUE(load_table(image).segments.empty());
}

TEST(LoadTable, IsThatOfAnElfFile) {
    Buffer image(0x400);
    put(image, 0, {0x464c457f, 0x00010102});
    image[16] = 3, image[18] = 183, image[32] = 64, image[54] = 56, image[56] = 2;
    put(image, 64, {1, 5, 0, 0, 0, 0, 0, 0, 0x300, 0, 0x300, 0});
    put(image, 120, {1, 6, 0x300, 0, 0x10300, 0, 0x10300, 0, 0x80, 0, 0x100, 0});
    const LoadTable table = load_table(image);
    expect_segments(table, {{0, 0, 0x300}, {0x300, 0x10300, 0x100}});
    EXPECT_EQ(table.architecture, Architecture::a64);
    put(image, 120 + 16, {0x10300, 1});  // above 4 GB
    EXPECT_TRUE(load_table(image).segments.empty());
}

TEST(LoadTable, IsThatOfATelinkImage) {
    Buffer image(0x100);
    put(image, 8, {0x544c4e4b});
    EXPECT_EQ(load_table(image).architecture, Architecture::tc32);
    EXPECT_EQ(load_table(image).ram_address, 0x840000u);
}

TEST(LoadTable, NeverNamesBytesOutsideOfTheImage) {
    std::mt19937 random(11);
    std::vector<Buffer> images{esp32(0, 0x3f400020, 0x400d0020), Buffer(0x400), Buffer(0x400), Buffer(0x140)};
    put(images[1], 0, {0x36594850, 3, 0, 0, 0, 0x100, 0x1fff0000, 0, 0x100, 0x100});
    put(images[2], 0, {0x464c457f, 0x00010101});
    images[2][28] = 52, images[2][42] = 32, images[2][44] = 3;
    put(images[2], 52, {1, 0, 0x1000, 0x1000, 0x300, 0x400});
    store_be32(images[3], 0, 0x27051956);
    for (int round = 0; round < 40000; ++round) {
        Buffer image = images[random() % images.size()];
        for (int changes = 0; changes < 3; ++changes) image[random() % 160] = static_cast<std::uint8_t>(random());
        if (random() % 2 == 0) image.resize(random() % image.size());
        for (const LoadSegment& segment : load_table(image).segments) ASSERT_LE(segment.offset, image.size());
    }
}

TEST(Description, KnowsTheGlobalPointerOfRiscV) {
    Buffer image = esp32(5, 0x3c000020, 0x42000020);
    put(image, 0xc0, {0x00001197, 0x80018193});  // auipc gp, 1; addi gp, gp, -2048
    const ImageDescription both = describe(image, image);
    EXPECT_TRUE(both.has_table);
    EXPECT_EQ(both.global_pointer[0], 0x42000020u + 0xc0 - 0xa8 + 0x1000 - 2048);
    EXPECT_EQ(both.global_pointer[1], both.global_pointer[0]);
    const Buffer without = esp32(5, 0x3c000020, 0x42000020);
    EXPECT_EQ(describe(image, without).global_pointer[0], 0u) << "one alone says nothing";
}

TEST(Description, IsEmptyWhereTheImagesDiffer) {
    const ImageDescription mixed = describe(esp32(0, 0x3f400020, 0x400d0020), esp32(5, 0x3c000020, 0x42000020));
    EXPECT_EQ(mixed.architecture, Architecture::none);
    EXPECT_TRUE(mixed.segments[0].empty());
}

}  // namespace
}  // namespace sb::diff::segments_test
