#include "tools/layout/bootloader.hpp"

#include "tools/layout/gen.hpp"
#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

/// 64 KB: stage 0, two copies of the bootloader, and slots of 16 KB.
const std::string with_copies =
    with("size = \"8K\"\n",
         "size = \"2K\"\n[[region]]\nname = \"bootloader_a\"\nflash = \"main\"\noffset = \"2K\"\nsize = \"6K\"\n"
         "[[region]]\nname = \"bootloader_b\"\nflash = \"main\"\noffset = \"50K\"\nsize = \"6K\"\n",
         with("offset = \"32K\"\nsize = \"24K\"", "offset = \"32K\"\nsize = \"16K\"",
              with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"16K\""))) +
    "[bootloader]\nupdatable = true\n";

TEST(BootloaderLayout, HasCopiesThatAreTheSlotsOfADeviceOfTheirOwn) {
    const auto layout = parse({"test.toml", with_copies});
    ASSERT_TRUE(layout) << layout.error().what;
    ASSERT_TRUE(check(*layout)) << check(*layout).error().what;
    EXPECT_EQ(bootloader_room(*layout), 6144U - 6 * 20);
    const Layout own = bootloader_layout(*layout);
    ASSERT_TRUE(check(own)) << check(own).error().what;
    EXPECT_EQ(own.scheme, Scheme::xip);
    EXPECT_FALSE(own.remap);
    EXPECT_EQ(address_of(own, *own.region("slot_a")), 0x8000800U);
    EXPECT_EQ(address_of(own, *own.region("slot_b")), 0x800C800U);
}

TEST(BootloaderLayout, IsRefusedWithoutRoomForBothCopies) {
    const Broken table[] = {
        {"updatable = true", "updatable = false", 18, "region 'bootloader_a', and the bootloader is not updatable"},
        {"name = \"bootloader_b\"", "name = \"golden\"", 43, "without a region 'bootloader_b'"},
        {"offset = \"50K\"\nsize = \"6K\"", "offset = \"50K\"\nsize = \"8K\"", 38, "overlaps region 'bootloader_b'"},
        {"updatable = true", "updatable = 1", 44, "not a truth value"},
        {"header_size = 0x200", "header_size = 0x1800", 18, "'bootloader_a' holds no more than the image header"},
    };
    for (const Broken& broken : table) expect_refusal(with_copies, broken);
}

TEST(BootloaderLayout, LinksACopyForItsPlace) {
    const auto layout = parse({"test.toml", with_copies});
    const auto script = linker_script(*layout, Program::bootloader_b);
    ASSERT_TRUE(script) << script.error().what;
    EXPECT_NE(script->find("REGION_ALIAS(\"program\", bootloader_b)"), std::string::npos);
    EXPECT_NE(script->find("bootloader_b (rx)  : ORIGIN = 0x0800ca00, LENGTH = 0x1388"), std::string::npos) << *script;
    EXPECT_FALSE(linker_script(*parse({"test.toml", good}), Program::bootloader_a));
}

/// Whatever the layout has that is nothing to the bootloader.
TEST(BootloaderLayout, IsOneOfItsOwnWhateverTheImagesAsk) {
    const std::string copies = with("scheme = \"xip\"\nremap = true", "scheme = \"copy\"", with_copies);
    const std::string set = R"([[set]]
name = "firmware"
components = [{name = "app", flash = "main", offset = "8K", size = "8K"},
              {name = "radio", flash = "main", offset = "16K", size = "8K"}]
)";
    const std::string table[] = {
        with("scheme", "accept_no_way_back = true\nscheme", copies),
        copies + "[[region]]\nname = \"golden\"\nflash = \"main\"\noffset = \"48K\"\nsize = \"2K\"\n" +
            "[golden]\nallow_below_floor = true\n",
        with("flash = \"main\"\noffset = \"8K\"", "flash = \"firmware\"\noffset = 0",
             with("scheme", "accept_no_way_back = true\nscheme", copies)) +
            set,
    };
    for (const std::string& text : table) {
        const auto layout = parse({"test.toml", text});
        ASSERT_TRUE(layout) << layout.error().what;
        ASSERT_TRUE(check(*layout)) << check(*layout).error().what;
        const auto found = check(bootloader_layout(*layout));
        EXPECT_TRUE(found) << found.error().what;
    }
}

TEST(BootloaderLayout, HasCopiesWithRoomBesideTheirSeals) {
    const std::string one_granule = with("erase_unit = \"1K\"\ngranule = 4", "erase_unit = \"1K\"\ngranule = 512",
                                         with("size = \"6K\"", "size = \"1K\"", with_copies));
    const auto found = examine(one_granule);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().what, "region 'bootloader_a' holds no more than the image header and its seals");
}

}  // namespace
}  // namespace sb::layout
