// Schemes without a second slot, or with images that run from RAM.
#include <gtest/gtest.h>

#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

const std::string slot_b = "[[region]]\nname = \"slot_b\"\nflash = \"main\"\noffset = \"32K\"\nsize = \"24K\"\n";
const std::string golden = "[[region]]\nname = \"golden\"\nflash = \"main\"\noffset = \"40K\"\nsize = \"8K\"\n";

/// The layout that works, for scheme single: slot_a 24 KB at 8 KB (line 18), journal at line 23.
std::string alone() {
    return with(slot_b, "", with("remap = true", "accept_no_way_back = true", with("\"xip\"", "\"single\"")));
}

/// For scheme ram-load: [ram] 8 KB at line 5, [load] 16 KB at line 8, the flash at line 11.
std::string loaded() {
    const std::string text = with("scheme = \"xip\"\nremap = true\n", "scheme = \"ram-load\"\n");
    return with("[[flash]]",
                "[ram]\naddress = 0x20000000\nsize = \"8K\"\n[load]\naddress = 0x20002000\nsize = \"16K\"\n[[flash]]",
                text);
}

TEST(Single, HasOneSlotThatEachUpdateErasesOnce) {
    const auto found = examine(alone());
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->image_room_bytes, 24U << 10);
    EXPECT_EQ(found->resent_bytes, 1024U);
    EXPECT_EQ(found->way_back, WayBack::none);
    EXPECT_EQ(found->slots.a, 1.0);
    EXPECT_EQ(found->slots.b, 0.0);
    EXPECT_EQ(found->slots.updates_to_rated, 10'000U);
    const FlashMap map = map_of(alone());
    EXPECT_EQ(map.scheme, Scheme::single);
    EXPECT_FALSE(map.slots[1].region.valid());
    EXPECT_EQ(map.download_slot(SlotId::a), SlotId::a);
    EXPECT_EQ(map.slot(SlotId::a).address, 0x8002000U);
    EXPECT_EQ(map.image_room(SlotId::a), 24U << 10);
}

TEST(Single, GoesBackToAFactoryImageWhereThereIsOne) {
    const auto found = examine(with("accept_no_way_back = true\n", "", alone()) + golden);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->way_back, WayBack::golden);
    EXPECT_EQ(found->golden_room_bytes, 8U << 10);
}

TEST(Single, RefusesWhatItCannotWorkWith) {
    const Broken table[] = {
        {"[[region]]\nname = \"journal\"", "[[region]]\nname = \"slot_b\"", 23, "has one slot, and here is a second"},
        {"accept_no_way_back = true", "accept_no_way_back = false", 2, "scheme single overwrites the old image"},
        {"accept_no_way_back = true\n", "", 2, "there is no golden region to go back to"},
        {"accept_no_way_back = true", "remap = true", 3, "'remap' means nothing with scheme single"},
        {"[[flash]]", "[load]\naddress = 0x20000000\nsize = \"8K\"\n[[flash]]", 6,
         "[load] means nothing with scheme single"},
    };
    const std::string text =
        alone() + "[[region]]\nname = \"journal\"\nflash = \"main\"\noffset = \"48K\"\nsize = \"8K\"\n";
    expect_refusal(text, table[0]);
    for (std::size_t i = 1; i < std::size(table); ++i) expect_refusal(alone(), table[i]);
}

TEST(RamLoad, RunsEveryImageAtOneAddressThatHoldsTheSmallestOfSlotsAndMemory) {
    const auto found = examine(loaded());
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->image_room_bytes, 16U << 10);
    EXPECT_EQ(found->way_back, WayBack::other_slot);
    EXPECT_EQ(found->slots.a, 0.5);
    EXPECT_EQ(found->slots.updates_to_rated, 20'000U);
    EXPECT_EQ(examine(with("size = \"16K\"", "size = \"64K\"", loaded()))->image_room_bytes, 24U << 10);
    const FlashMap map = map_of(loaded());
    EXPECT_EQ(map.scheme, Scheme::ram_load);
    EXPECT_EQ(map.slot(SlotId::a).address, 0x20002000U);
    EXPECT_EQ(map.slot(SlotId::b).address, 0x20002000U);
    EXPECT_EQ(map.ram_bytes, 16U << 10);
    EXPECT_EQ(map.image_room(SlotId::b), 16U << 10);
    EXPECT_EQ(map.download_slot(SlotId::a), SlotId::b);
}

TEST(RamLoad, HasRoomForAFactoryImageOfNoMoreThanItsMemory) {
    const std::string large = with("offset = \"32K\"\nsize = \"24K\"", "offset = \"32K\"\nsize = \"8K\"", loaded());
    const auto found = examine(with("size = \"16K\"", "size = \"4K\"", large) + golden);
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(found->golden_room_bytes, 4U << 10);
}

TEST(RamLoad, RefusesMemoryThatIsMissingTooSmallOrSomethingElses) {
    const std::string load = "[load]\naddress = 0x20002000\nsize = \"16K\"\n";
    const Broken table[] = {
        {load.c_str(), "", 2, "does not say where in RAM images run"},
        {"\"ram-load\"", "\"xip\"\nremap = true", 9, "[load] means nothing with scheme xip"},
        {"size = \"16K\"", "size = 0x200", 8, "[load] holds no more than the image header"},
        {"\nsize = \"16K\"", "", 8, "[load] has no 'size'"},
        {"size = \"16K\"", "size = \"16K\"\nruns = true", 11, "unknown key 'runs' in [load]"},
        {"0x20002000", "0xFFFFF000", 8, "ends beyond the 32-bit address space"},
        {"0x20002000", "0x20001FFF", 8, "[load] overlaps [ram] (line 5)"},
        {"0x20002000", "0x1FFFC001", 8, "[load] overlaps [ram] (line 5)"},
        {"0x20002000", "0x800FFFF", 8, "[load] overlaps flash 'main' (line 11)"},
        {"0x20000000", "0x8000000", 5, "[ram] overlaps flash 'main' (line 11)"},
        {"\"ram-load\"", "\"ram-load\"\naccept_no_way_back = true", 3, "means nothing with scheme ram-load"},
        {"\"ram-load\"", "\"ram-load\"\nremap = true", 3, "'remap' means nothing with scheme ram-load"},
        {slot_b.c_str(), "", 0, "no region 'slot_b'"},
    };
    for (const Broken& b : table) expect_refusal(loaded(), b);
    for (const char* address : {"0x1FFFC000", "0x20002000", "0xFFFFC000"})
        EXPECT_TRUE(examine(with("0x20002000", address, loaded()))) << "side by side: " << address;
}

TEST(RamLoad, PartsDoNotStandAtOneAddress) {
    const std::string second =
        "[[flash]]\nname = \"spi\"\naddress = 0x8000000\nsize = \"1M\"\nerase_unit = \"4K\"\n"
        "granule = 1\nrated_cycles = 1\n[[region]]";
    expect_refusal(good, {"[[region]]", second.c_str(), 13, "flash 'spi' overlaps flash 'main' (line 6)"});
}

TEST(RamLoad, MemoryIsPartOfTheCrc) {
    const auto crc = [](const std::string& text) { return layout_crc(*parse({"x.toml", text})); };
    EXPECT_NE(crc(loaded()), crc(with("0x20002000", "0x20004000", loaded())));
    EXPECT_NE(crc(loaded()), crc(with("size = \"16K\"", "size = \"8K\"", loaded())));
    EXPECT_EQ(crc(loaded()), crc(with("0x20000000", "0x20008000", loaded()))) << "[ram] is the linker's";
}

TEST(Space, OfOneSlotIsAllOfItAndOfLoadedImagesNoMoreThanTheMemory) {
    EXPECT_EQ(most(good, Scheme::single), 48U << 10);
    const std::string apart = with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"20K\"");
    EXPECT_EQ(most(apart, Scheme::single), 24U << 10);
    EXPECT_EQ(most(alone(), Scheme::single), 24U << 10);
    EXPECT_EQ(most(alone(), Scheme::xip), 12U << 10);
    EXPECT_EQ(most(alone(), Scheme::swap), 11U << 10);
    EXPECT_EQ(most(loaded(), Scheme::ram_load), 16U << 10);
    EXPECT_EQ(most(with("size = \"16K\"", "size = \"64K\"", loaded()), Scheme::ram_load), 24U << 10);
    EXPECT_EQ(most(good, Scheme::ram_load), 24U << 10) << "nothing is known of its RAM";
    EXPECT_EQ(most(with("[[flash]]", "[ram]\naddress = 0x20000000\nsize = \"8K\"\n[[flash]]"), Scheme::ram_load),
              8U << 10);
}

TEST(Supply, IsReadAndIsOffUnlessAskedFor) {
    EXPECT_EQ(parse({"test.toml", good})->low_battery_millivolts, 0U);
    const auto layout = parse({"test.toml", with("[[flash]]", "[supply]\nlow_millivolts = 2100\n[[flash]]")});
    ASSERT_TRUE(layout) << layout.error().what;
    EXPECT_EQ(layout->low_battery_millivolts, 2100U);
}

}  // namespace
}  // namespace sb::layout
