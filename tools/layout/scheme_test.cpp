#include <gtest/gtest.h>

#include "tools/layout/boundaries.hpp"
#include "tools/layout/geometry_flash.hpp"
#include "tools/layout/swap_unit.hpp"
#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

/// The layout that works, for scheme swap: slot_a 23 KB at 8 KB (line 17), slot_b 24 KB at 31 KB (line 22).
std::string swapped() {
    std::string text = with("scheme = \"xip\"\nremap = true\n", "scheme = \"swap\"\n");
    text = with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"23K\"", text);
    return with("offset = \"32K\"", "offset = \"31K\"", text);
}

/// For scheme copy, with a factory image of 8 KB behind slots of 20 KB.
std::string copied() {
    std::string text = with("scheme = \"xip\"\nremap = true\n", "scheme = \"copy\"\n");
    text = with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"20K\"", text);
    text = with("offset = \"32K\"\nsize = \"24K\"", "offset = \"28K\"\nsize = \"20K\"", text);
    return text + "[[region]]\nname = \"golden\"\nflash = \"main\"\noffset = \"48K\"\nsize = \"8K\"\n";
}

TEST(Scheme, SwapTakesSlotsThatDivideIntoUnits) {
    const auto found = examine(swapped());
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->swap_unit_bytes, 1024U);
    EXPECT_EQ(found->image_room_bytes, 23U << 10);
    EXPECT_EQ(found->way_back, WayBack::exchange);
    EXPECT_EQ(found->slots.a, 1.0);
    EXPECT_EQ(found->slots.b, 2.0);
    EXPECT_EQ(found->slots.updates_to_rated, 5000U);
}

TEST(Scheme, SwapAndCopyRunEverythingAtSlotA) {
    for (const std::string& text : {swapped(), copied()}) {
        const FlashMap map = map_of(text);
        EXPECT_TRUE(map.remap);
        EXPECT_EQ(map.slot(SlotId::a).address, 0x8002000U);
        EXPECT_EQ(map.slot(SlotId::b).address, 0x8002000U);
    }
}

TEST(Scheme, TheFlashMapHoldsSchemeUnitAndFactoryImage) {
    const FlashMap exchanged = map_of(swapped());
    EXPECT_EQ(exchanged.scheme, Scheme::swap);
    EXPECT_EQ(exchanged.swap_unit, 1024U);
    EXPECT_FALSE(exchanged.golden.valid());
    const FlashMap copy = map_of(copied());
    EXPECT_EQ(copy.scheme, Scheme::copy);
    EXPECT_EQ(copy.swap_unit, 0U);
    ASSERT_TRUE(copy.golden.valid());
    EXPECT_EQ(copy.golden.bytes(), 8U << 10);
    EXPECT_EQ(map_of(good).scheme, Scheme::xip);
}

TEST(Scheme, RefusesSwapThatDoesNotTile) {
    const Broken table[] = {
        {"offset = \"31K\"\nsize = \"24K\"", "offset = \"31K\"\nsize = \"23K\"", 22, "a unit of 1K more than slot_a"},
        {"offset = \"31K\"\nsize = \"24K\"", "offset = \"31K\"\nsize = \"8K\"", 22, "a unit of 1K more than slot_a"},
        // Slot A has a sector of 4 KB between others of 1 KB and 16 KB: no unit of all.
        {"erase_unit = \"1K\"",
         "erase_map = [{units = 10, size = \"1K\"}, {units = 1, size = \"5K\"}, {units = 49, size = \"1K\"}]", 17,
         "slot_a does not consist of units of 5K"},
        // The same in slot B.
        {"erase_unit = \"1K\"",
         "erase_map = [{units = 33, size = \"1K\"}, {units = 1, size = \"5K\"}, {units = 26, size = \"1K\"}]", 17,
         "does not consist of units of 5K"},
        {"scheme = \"swap\"\n", "scheme = \"swap\"\nremap = true\n", 3, "'remap' means nothing with scheme swap"},
        {"scheme = \"swap\"\n", "scheme = \"swap\"\naccept_no_way_back = true\n", 3, "means nothing with scheme swap"},
    };
    for (const Broken& b : table) expect_refusal(swapped(), b);
}

TEST(Scheme, SwapProposesWhatWouldDo) {
    const auto small = examine(with("size = \"24K\"", "size = \"23K\"", swapped()));
    ASSERT_FALSE(small);
    EXPECT_NE(small.error().fix.find("make slot_b 24K or slot_a 22K"), std::string::npos) << small.error().fix;
    // What it proposes works.
    EXPECT_TRUE(examine(with("size = \"24K\"", "size = \"23K\"", with("size = \"23K\"", "size = \"22K\"", swapped()))));
}

/// STM32F407: sectors of 16, 64 and 128 KB; the slots of the shipped layout moved by `offset` and `bytes`.
std::string f407(const char* a, const char* a_bytes, const char* b, const char* b_bytes) {
    const std::string slot_a = "name = \"slot_a\"\nflash = \"internal\"\n";
    const std::string slot_b = "name = \"slot_b\"\nflash = \"internal\"\n";
    const auto place = [](const char* offset, const char* bytes) {
        return std::string("offset = \"") + offset + "\"\nsize = \"" + bytes + "\"";
    };
    std::string text = with(slot_a + place("256K", "256K"), slot_a + place(a, a_bytes), find("stm32f407")->text);
    text = with(slot_b + place("512K", "384K"), slot_b + place(b, b_bytes), text);
    return with("size = \"224K\"", "size = \"32K\"", text);  // out of the way; too small, but that is looked at later
}

TEST(Scheme, SwapOfUnequalSectorsFindsTheUnitOfBothSlots) {
    const auto shipped = load("stm32f407");
    ASSERT_TRUE(shipped);
    EXPECT_EQ(*swap_unit(*shipped), 128U << 10);
    // 64 KB and 128 KB: only a unit of 192 KB ends at both, once.
    const auto mixed = parse({"test.toml", f407("64K", "192K", "256K", "384K")});
    ASSERT_TRUE(mixed);
    const auto unit = swap_unit(*mixed);
    ASSERT_FALSE(unit) << *unit;
    EXPECT_NE(unit.error().fix.find("let slot_a begin and end with units of 128K: offset 0x20000, size 128K"),
              std::string::npos)
        << unit.error().fix;
    const auto proposed = parse({"test.toml", f407("128K", "128K", "256K", "384K")});
    EXPECT_EQ(*swap_unit(*proposed), 128U << 10);
}

TEST(Scheme, SwapCountsStepsInSixteenBits) {
    // 40,000 units of 16 bytes would be 80,000 steps: the unit doubles.
    std::string text = with("size = \"64K\"", "size = \"2M\"", swapped());
    text = with("erase_unit = \"1K\"", "erase_unit = 16", text);
    text = with("size = \"23K\"", "size = 640000", text);
    text = with("offset = \"31K\"\nsize = \"24K\"", "offset = 800000\nsize = 640032", text);
    const auto layout = parse({"test.toml", text});
    ASSERT_TRUE(layout) << layout.error().what;
    EXPECT_EQ(*swap_unit(*layout), 32U);
}

TEST(Scheme, CopyNeedsAWayBackOrSomebodyWhoAcceptsThatThereIsNone) {
    const auto found = examine(copied());
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->way_back, WayBack::golden);
    EXPECT_EQ(found->golden_room_bytes, 8U << 10);
    EXPECT_EQ(found->slots.updates_to_rated, 10'000U);

    const std::string without = with("scheme = \"xip\"\nremap = true\n", "scheme = \"copy\"\n");
    const auto refused = examine(without);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().line, 2U);
    EXPECT_NE(refused.error().what.find("no golden region"), std::string::npos);
    EXPECT_NE(refused.error().fix.find("accept_no_way_back = true"), std::string::npos);
    EXPECT_FALSE(examine(with("scheme = \"copy\"", "scheme = \"copy\"\naccept_no_way_back = false", without)));
    const auto accepted = examine(with("scheme = \"copy\"", "scheme = \"copy\"\naccept_no_way_back = true", without));
    ASSERT_TRUE(accepted) << accepted.error().what;
    EXPECT_EQ(accepted->way_back, WayBack::none);
    EXPECT_EQ(accepted->golden_room_bytes, 0U);
}

TEST(Scheme, CopyTakesItsWayBackWithTheUpdateWhereItDecodesPatches) {
    const std::string text =
        with("\"lzma:16K\"", "\"sbd:4K\"", with("scheme = \"xip\"\nremap = true\n", "scheme = \"copy\"\n"));
    const auto found = examine(text);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->way_back, WayBack::reverse_patch);
    EXPECT_EQ(found->without_reverse, WayBack::refused);
    EXPECT_EQ(found->reverse_room_bytes, 0U) << "slot B's rest";
    const auto lax_text = [](const std::string& of) {
        return with("scheme = \"copy\"", "scheme = \"copy\"\naccept_no_way_back = true", of);
    };
    const auto lax = examine(lax_text(text));
    ASSERT_TRUE(lax) << lax.error().what;
    EXPECT_EQ(lax->way_back, WayBack::reverse_patch);
    EXPECT_EQ(lax->without_reverse, WayBack::none);

    const auto in_region = [&](const std::string& size, const std::string& of) {
        return with("offset = \"56K\"\nsize = \"8K\"", "offset = \"56K\"\nsize = \"4K\"", of) +
               "[[region]]\nname = \"patch\"\nflash = \"main\"\noffset = \"60K\"\nsize = \"" + size + "\"\n";
    };
    const auto kept = examine(in_region("4K", text));
    ASSERT_TRUE(kept) << kept.error().what;
    EXPECT_EQ(kept->reverse_room_bytes, 4096U);
    EXPECT_EQ(map_of(in_region("4K", text)).patch.bytes(), 4096U);
    const auto small = examine(in_region("1K", text));
    ASSERT_FALSE(small);
    EXPECT_NE(small.error().what.find("no room for a reverse patch"), std::string::npos);
    const auto useless = examine(in_region("4K", with("\"sbd:4K\"", "\"lzma:16K\"", lax_text(text))));
    ASSERT_FALSE(useless);
    EXPECT_NE(useless.error().what.find("decodes no patch"), std::string::npos);
}

TEST(Scheme, AcceptingNoWayBackMeansNothingWhereTheOldImageIsKept) {
    expect_refusal(good,
                   {"remap = true", "remap = true\naccept_no_way_back = true", 4, "means nothing with scheme xip"});
}

TEST(Scheme, RefusesAFactoryImageThatCannotBe) {
    const Broken table[] = {
        {"offset = \"48K\"\nsize = \"8K\"", "offset = \"47K\"\nsize = \"8K\"", 32, "overlaps region 'slot_b'"},
        {"offset = \"48K\"\nsize = \"8K\"", "offset = \"63K\"\nsize = \"2K\"", 32, "ends at 0x10400, flash 'main'"},
        {"offset = \"48K\"\nsize = \"8K\"", "offset = 0xC100\nsize = \"4K\"", 32, "inside an erase unit"},
        {"header_size = 0x200", "header_size = 0x2400", 32, "region 'golden' holds no more than the image header"},
    };
    for (const Broken& b : table) expect_refusal(copied(), b);
    expect_refusal(good,
                   {"[[flash]]", "[golden]\nallow_below_floor = true\n[[flash]]", 6, "[golden] without a region"});
}

TEST(Scheme, UserDataIsARegionThatAFactoryResetErases) {
    const std::string data = "[[region]]\nname = \"user_data\"\nflash = \"spi\"\noffset = 0\nsize = ";
    const std::string text = with("[[region]]",
                                  "[[flash]]\nname = \"spi\"\naddress = 0\nsize = \"1M\"\nerase_unit = 16\n"
                                  "granule = 1\nrated_cycles = 100000\n[[region]]",
                                  copied());
    const auto layout = parse({"test.toml", text + data + "\"64K\"\n"});
    ASSERT_TRUE(layout) << layout.error().what;
    ASSERT_TRUE(check(*layout)) << check(*layout).error().what;
    GeometryFlash main(layout->parts[0]);
    GeometryFlash spi(layout->parts[1]);
    Flash* const parts[] = {&main, &spi};
    EXPECT_EQ(flash_map(*layout, parts).user_data.bytes(), 64U << 10);
    EXPECT_FALSE(map_of(copied()).user_data.valid());
    const auto refused = examine(text + data + "\"1M\"\n");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().line, 44U) << refused.error().what;
    EXPECT_NE(refused.error().what.find("65536 erase units"), std::string::npos) << refused.error().what;
}

TEST(Scheme, PolicyIsReadAndIsOffUnlessAskedFor) {
    const auto off = parse({"test.toml", copied()});
    EXPECT_FALSE(off->golden_below_floor);
    EXPECT_FALSE(off->accept_no_way_back);
    const auto on = parse({"test.toml", with("[[flash]]", "[golden]\nallow_below_floor = true\n[[flash]]", copied())});
    ASSERT_TRUE(on) << on.error().what;
    EXPECT_TRUE(on->golden_below_floor);
}

TEST(Scheme, XipTakesAFactoryImageToo) {
    const std::string text = with("offset = \"56K\"\nsize = \"8K\"", "offset = \"56K\"\nsize = \"4K\"") +
                             "[[region]]\nname = \"golden\"\nflash = \"main\"\noffset = \"60K\"\nsize = \"4K\"\n";
    const auto found = examine(text);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->golden_room_bytes, 4096U);
    EXPECT_EQ(found->way_back, WayBack::other_slot);
    EXPECT_TRUE(map_of(text).golden.valid());
}

TEST(Scheme, TheCrcCountsSchemeAndFactoryImageButNoPolicy) {
    const auto crc = [](const std::string& text) { return layout_crc(*parse({"x.toml", text})); };
    EXPECT_NE(crc(copied()), crc(with("offset = \"48K\"\nsize = \"8K\"", "offset = \"48K\"\nsize = \"7K\"", copied())));
    EXPECT_NE(crc(copied()), crc(with("\"copy\"", "\"swap\"", copied())));
    EXPECT_EQ(crc(copied()), crc(with("[[flash]]", "[golden]\nallow_below_floor = true\n[[flash]]", copied())));
    EXPECT_EQ(crc(good), crc(with("[[flash]]", "[ram]\naddress = 0\nsize = 1\n[[flash]]")));
}

TEST(Boundaries, RunsCountUnitsThatEndWhereEraseUnitsDo) {
    const Boundaries all = {0, 16, 32, 48, 64, 128, 256};
    EXPECT_TRUE(tiles(all, 16, 64));
    EXPECT_FALSE(tiles(all, 16, 80));
    EXPECT_TRUE(tiles(all, 64, 128));
    EXPECT_FALSE(tiles(all, 64, 256));
    EXPECT_TRUE(tiles(all, 128, 256));
    EXPECT_EQ(runs_of(all, 64), (std::vector<std::uint32_t>{2, 0, 0, 0, 1, 0, 0}));
    EXPECT_EQ(unit_sizes(all), (std::vector<std::uint32_t>{16, 64, 128}));
}

}  // namespace
}  // namespace sb::layout
