#include "tools/layout/layout.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "tools/layout/check.hpp"
#include "tools/layout/decoders.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

TEST(Layout, TakesOneThatWorks) {
    const auto found = examine(good);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->image_room_bytes, 24U << 10);
    EXPECT_EQ(found->resent_bytes, 1024U);
    EXPECT_EQ(found->journal.pages, 4U);
    EXPECT_EQ(found->journal.bytes, 4096U);
    EXPECT_EQ(found->journal.records, 32U);
}

TEST(Layout, RefusesWhatCannotWorkAndNamesTheLine) {
    const Broken table[] = {
        {"remap = true", "remap = true\nremp = 1", 4, "unknown key 'remp'"},
        {"granule = 4", "granule = 4\ncolour = 4", 12, "unknown key 'colour' in [[flash]]"},
        {"offset = 0\n", "offset = 0\nlength = 3\n", 17, "unknown key 'length' in [[region]]"},
        {"remap = true", "cpu = \"z80\"\nremap = true", 3, "unknown cpu 'z80'"},
        {"remap = true", "remap = 1", 3, "not a truth value"},
        {"remap = true\n", "", 1, "no 'remap'"},
        {"remap = true", "remap = = true", 3, ""},
        {"header_size = 0x200", "header_size = 16", 4, "'header_size' is 16"},
        {"header_size = 0x200", "header_size = \"16Q\"", 4, "not a size"},
        {"header_size = 0x200", "header_size = 0x7000", 18, "no more than the image header"},
        {"header_size = 0x200", "tries = 0\nheader_size = 0x200", 4, "'tries' is 0"},
        {"\"xip\"", "\"ram\"", 2, "unknown scheme 'ram'"},
        {"\"lzma:16K\"", "\"zip\"", 5, "unknown decoder 'zip'"},
        {"\"lzma:16K\"", "\"raw:1K\"", 5, "stands there twice"},
        {"[\"raw\", \"lzma:16K\"]", "[]", 5, "decodes nothing"},
        {"size = \"64K\"", "size = \"63K\"", 28, "ends at 0x10000"},
        {"size = \"64K\"", "size = 65000", 10, "not whole units"},
        {"erase_unit = \"1K\"\n", "", 6, "either 'erase_unit' or 'erase_map'"},
        {"erase_unit = \"1K\"", "erase_map = [{units = 63, size = \"1K\"}]", 10, "sum up to 64512"},
        {"granule = 4", "granule = 12", 6, "not a power of two"},
        {"granule = 4", "granule = 4\nerased = 0x55", 6, "erased value 0x55"},
        {"granule = 4", "granule = 4\necc = true\nreprogram_same = true", 6, "ECC and reprogram_same"},
        {"address = 0x8000000", "address = 0xFFFFFFFF", 6, "beyond the 32-bit address space"},
        {"name = \"main\"", "name = \"a/b\"", 15, "not described"},
        {"flash = \"main\"\noffset = 0", "flash = \"spi\"\noffset = 0", 15, "'spi', which is not described"},
        {"name = \"boot\"", "name = \"scratch\"", 13, "unknown region 'scratch'"},
        {"remap = true", "remap = true\nram = 3", 4, "'ram' is not a table"},
        {"[[flash]]", "[ram]\naddress = 0x20000000\n[[flash]]", 6, "[ram] has no 'size'"},
        {"[[flash]]", "[ram]\naddress = 0xFFFFFFF0\nsize = \"1K\"\n[[flash]]", 6, "RAM ends beyond"},
        {"[[flash]]", "[supply]\n[[flash]]", 6, "[supply] has no 'low_millivolts'"},
        {"[[flash]]", "[supply]\nlow_millivolts = 0\n[[flash]]", 7, "'low_millivolts' is 0"},
        {"[[flash]]", "[supply]\nlow_millivolts = 1000001\n[[flash]]", 7, "'low_millivolts' is 1000001"},
        {"[[flash]]", "[supply]\nlow_millivolts = -1\n[[flash]]", 7, "'low_millivolts' is not a number"},
        {"[[flash]]", "[supply]\nlow_millivolts = 2.5\n[[flash]]", 7, "'low_millivolts' is not a number"},
        {"[[flash]]", "[supply]\nlow_millivolts = \"2V\"\n[[flash]]", 7, "'low_millivolts' is not a number"},
        {"[[flash]]", "[supply]\nlow_millivolts = 2000\nhigh = 1\n[[flash]]", 8, "unknown key 'high' in [supply]"},
        {"remap = true", "remap = true\nsupply = 3", 4, "'supply' is not a table"},
        {"[[flash]]", "[ram]\naddress = 0x7FFF000\nsize = \"8K\"\n[[flash]]", 6,
         "[ram] overlaps flash 'main' (line 9)"},
        {"[[flash]]", "[golden]\nallow = true\n[[flash]]", 7, "unknown key 'allow' in [golden]"},
        {"name = \"boot\"", "name = \"slot_a\"", 18, "described twice"},
        {"offset = \"8K\"", "offset = \"7K\"", 18, "overlaps region 'boot' (0x0 to 0x2000, line 13)"},
        {"offset = \"8K\"", "offset = 0x2100", 18, "inside an erase unit"},
        {"offset = 0\nsize = \"8K\"", "offset = 0\nsize = 0x1f00", 13, "ends at 0x1f00, inside an erase unit"},
        {"offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"20K\"", 23, "slot_a has 20480 bytes"},
        {"offset = \"56K\"\nsize = \"8K\"", "offset = \"56K\"\nsize = \"3K\"", 28, "no room for four pages"},
    };
    for (const Broken& b : table) expect_refusal(good, b);
}

TEST(Layout, NeedsEveryRegionOfItsScheme) {
    for (const char* name : {"boot", "slot_a", "slot_b", "journal"}) {
        const std::string table = std::string("[[region]]\nname = \"") + name + "\"";
        std::string text = good;
        const auto start = text.find(table);
        const auto end = text.find("[[region]]", start + 1);
        text.erase(start, end == std::string::npos ? end : end - start);
        const auto found = examine(text);
        ASSERT_FALSE(found) << name;
        EXPECT_EQ(found.error().what, std::string("no region '") + name + "'");
    }
}

TEST(Layout, UnequalSlotsAreTakenWhereNothingIsRemapped) {
    std::string text = with("remap = true", "remap = false");
    const std::string slot_a = "offset = \"8K\"\nsize = \"24K\"";
    text.replace(text.find(slot_a), slot_a.size(), "offset = \"8K\"\nsize = \"20K\"");
    const auto found = examine(text);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->image_room_bytes, 20U << 10);
}

TEST(Layout, ErasesByUnequalUnitsAndSaysTheLargest) {
    const auto found = examine(with("erase_unit = \"1K\"",
                                    "erase_map = [{units = 8, size = \"1K\"}, {units = 3, size = \"8K\"}, "
                                    "{units = 32, size = \"1K\"}]"));
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->resent_bytes, 8U << 10);
    const auto inside = examine(with(
        "granule = 4", "granule = 4\nreprogram_same = true",
        with("erase_unit = \"1K\"",
             "erase_map = [{units = 8, size = \"1K\"}, {units = 3, size = \"8K\"}, {units = 32, size = \"1K\"}]")));
    EXPECT_EQ(inside->resent_bytes, 4096U) << "records stand inside of units too";
}

TEST(Layout, CrcIsOfTheFlashNotOfThePolicy) {
    const auto crc = [](const std::string& text) { return layout_crc(*parse({"x.toml", text})); };
    const std::uint32_t base = crc(good);
    for (const auto& [from, to] : {std::pair{"name = \"test\"", "name = \"other\""},
                                   {"remap = true", "tries = 5\nremap = true"},
                                   {"remap = true", "allow_downgrade = true\nremap = true"},
                                   {"rated_cycles = 10000", "rated_cycles = 20000"},
                                   {"[[flash]]", "[supply]\nlow_millivolts = 2000\n[[flash]]"},
                                   {"\"raw\", ", ""}})
        EXPECT_EQ(crc(with(from, to)), base) << to;
    for (const auto& [from, to] : {std::pair{"remap = true", "remap = false"},
                                   {"0x200", "0x400"},
                                   {"0x8000000", "0x8001000"},
                                   {"granule = 4", "granule = 8"},
                                   {"granule = 4", "granule = 4\nerased = 0"},
                                   {"\"1K\"", "\"2K\""},
                                   {"offset = \"56K\"", "offset = \"57K\""},
                                   {"size = \"8K\"", "size = \"7K\""}})
        EXPECT_NE(crc(with(from, to)), base) << to;
}

TEST(Layout, BuildsTheFlashMap) {
    const auto layout = parse({"test.toml", good});
    GeometryFlash flash(layout->parts[0]);
    Flash* const parts[] = {&flash};
    const FlashMap map = flash_map(*layout, parts);
    EXPECT_EQ(map.slot(SlotId::a).address, 0x8002000U);
    EXPECT_EQ(map.slot(SlotId::b).address, 0x8002000U) << "remapped to slot A's address";
    EXPECT_EQ(map.slot(SlotId::b).region.bytes(), 24U << 10);
    EXPECT_EQ(map.journal.bytes(), 8U << 10);
    EXPECT_EQ(map.header_bytes, 0x200U);
    EXPECT_EQ(map.layout_crc, layout_crc(*layout));

    const auto fixed = parse({"test.toml", with("remap = true", "remap = false")});
    EXPECT_EQ(flash_map(*fixed, parts).slot(SlotId::b).address, 0x8008000U);
}

TEST(Layout, DecodersAreReadAndShownAlike) {
    for (const char* text : {"raw", "lzma:16K", "endsley:1K", "endsley+lzma:20000"}) {
        const auto offer = parse_decoder(text);
        ASSERT_TRUE(offer) << text;
        EXPECT_EQ(show_decoder(*offer), text);
    }
    for (const char* text : {"", "lzma:", "lzma:x", "zip:4K", "lzma:9G"}) EXPECT_FALSE(parse_decoder(text)) << text;
}

TEST(Layout, UnknownNamesAndFilesAreSaidSo) {
    EXPECT_NE(find("nosuch").error().fix.find("default"), std::string::npos);
    EXPECT_FALSE(find("nosuch").error().cannot_read);
    EXPECT_TRUE(find("/nonexistent/x.toml").error().cannot_read);
}

}  // namespace
}  // namespace sb::layout
