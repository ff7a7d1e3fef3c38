#include "tools/layout/image_set.hpp"

#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

/// Two parts of 64 KB; an image lies in both, in either slot.
const std::string sets =
    with("[[region]]\nname = \"slot_b\"\nflash = \"main\"\noffset = \"32K\"\nsize = \"24K\"\n", "",
         with("[[region]]\nname = \"slot_a\"\nflash = \"main\"\noffset = \"8K\"\nsize = \"24K\"\n", "")) +
    R"([[flash]]
name = "nor"
address = 0x90000000
size = "64K"
erase_unit = "4K"
granule = 8
ecc = true
rated_cycles = 500
[[set]]
name = "set_a"
components = [
{name = "app", flash = "main", offset = "8K", size = "16K"},
{name = "radio", flash = "nor", offset = "4K", size = "8K"},
]
[[set]]
name = "set_b"
components = [
{name = "app", flash = "main", offset = "24K", size = "16K"},
{name = "radio", flash = "nor", offset = "12K", size = "8K"},
]
[[region]]
name = "slot_a"
flash = "set_a"
offset = 0
size = "24K"
[[region]]
name = "slot_b"
flash = "set_b"
offset = 0
size = "24K"
)";

Layout load_sets(const std::string& text = sets) {
    auto layout = parse({"test.toml", text});
    EXPECT_TRUE(layout) << layout.error().what;
    const auto found = check(*layout);
    EXPECT_TRUE(found) << found.error().where() << found.error().what;
    return *layout;
}

TEST(ImageSet, KeepsWhatAllItsPartsKeep) {
    const Layout l = load_sets();
    ASSERT_EQ(l.parts.size(), 4U);
    const Part* set = l.set_of("slot_a");
    ASSERT_NE(set, nullptr);
    EXPECT_EQ(set->name, "set_a");
    const Geometry g = geometry_of(*set);
    EXPECT_EQ(g.bytes, 24U << 10);
    EXPECT_EQ(g.granule, 8U);
    EXPECT_EQ(g.rated_cycles, 500U);
    EXPECT_TRUE(g.ecc);
    ASSERT_EQ(g.erase_map.size(), 2U);
    EXPECT_EQ(g.erase_map[0].units, 16U);
    EXPECT_EQ(g.erase_map[0].unit_bytes, 1024U);
    EXPECT_EQ(g.erase_map[1].units, 2U);
    EXPECT_EQ(g.erase_map[1].unit_bytes, 4096U);
    EXPECT_EQ(address_of(l, *l.region("slot_a")), 0x8002000U);
    EXPECT_EQ(check(l)->image_room_bytes, 24U << 10);
    EXPECT_EQ(l.set_of("journal"), nullptr);
}

/// Whichever of them comes first.
TEST(ImageSet, KeepsNoMoreThanTheLeastOfItsParts) {
    const std::string app = "{name = \"app\", flash = \"main\", offset = \"8K\", size = \"16K\"},\n";
    const std::string radio = "{name = \"radio\", flash = \"nor\", offset = \"4K\", size = \"8K\"},\n";
    const std::string text = with("granule = 4", "granule = 4\nreprogram_same = true",
                                  with("ecc = true", "ecc = true\nerased_readable = false", sets));
    for (const std::string& order : {app + radio, radio + app}) {
        const auto layout = parse({"test.toml", with(app + radio, order, text)});
        ASSERT_TRUE(layout) << layout.error().what;
        const Geometry g = geometry_of(*layout->set_of("slot_a"));
        EXPECT_EQ(g.granule, 8U);
        EXPECT_EQ(g.rated_cycles, 500U);
        EXPECT_TRUE(g.ecc);
        EXPECT_FALSE(g.erased_readable);
        EXPECT_FALSE(g.reprogram_same);
    }
}

TEST(ImageSet, RefusesWhatCannotWorkAndNamesTheLine) {
    const Broken table[] = {
        {"{name = \"radio\", flash = \"nor\", offset = \"4K\"", "{name = \"app\", flash = \"nor\", offset = \"4K\"", 35,
         "'app' stands there twice"},
        {"{name = \"radio\", flash = \"nor\", offset = \"4K\"", "{name = \"2x\", flash = \"nor\", offset = \"4K\"", 35,
         "no name of a component"},
        {"\"nor\", offset = \"4K\"", "\"set_a\", offset = \"4K\"", 35, "not described"},
        {"\"nor\", offset = \"4K\"", "\"nor\", offset = \"5K\"", 35, "starts at 0x1400, inside an erase unit"},
        {"offset = \"4K\", size = \"8K\"", "offset = \"4K\", size = \"9K\"", 35,
         "ends at 0x3400, inside an erase unit"},
        {"offset = \"4K\", size = \"8K\"", "offset = \"4K\", size = \"64K\"", 35, "'size' is 65536"},
        {"offset = \"12K\", size = \"8K\"", "offset = \"8K\", size = \"8K\"", 37, "overlaps component 'radio' of set"},
        {"{name = \"radio\", flash = \"nor\", offset = \"4K\", size = \"8K\"},", "", 33,
         "an image set of 1 components"},
        {"granule = 8", "granule = 8\nerased = 0", 36, "reads differently when erased"},
        {"flash = \"main\", offset = \"8K\", size = \"16K\"", "flash = \"main\", offset = \"7K\", size = \"16K\"", 31,
         "overlaps region 'boot'"},
        {"flash = \"set_a\"\noffset = 0\nsize = \"24K\"", "flash = \"set_a\"\noffset = 0\nsize = \"16K\"", 43,
         "not the whole of set"},
        {"flash = \"set_b\"", "flash = \"set_a\"", 37, "no region stands in set 'set_b'"},
        {"{name = \"radio\", flash = \"nor\", offset = \"12K\"", "{name = \"wifi\", flash = \"nor\", offset = \"12K\"",
         48, "the sets of slot_a and slot_b differ"},
    };
    for (const Broken& broken : table) expect_refusal(sets, broken);
    const std::string loaded =
        with("scheme = \"xip\"\nremap = true", "scheme = \"ram-load\"", sets) + "[load]\naddress = 0\nsize = \"64K\"\n";
    expect_refusal(loaded, {"ram-load", "ram-load", 42, "loads an image to one place"});
}

TEST(ImageSet, IsNoLargerThanAPart) {
    std::string text = R"(name = "large"
scheme = "single"
header_size = 0x200
decoders = ["raw"]
)";
    std::string components;
    for (unsigned i = 0; i < 4; ++i) {
        text += "[[flash]]\nname = \"f" + std::to_string(i) + "\"\naddress = " + std::to_string((4 + i) << 28) +
                "\nsize = \"256M\"\nerase_unit = \"1M\"\ngranule = 4\nrated_cycles = 1000\n";
        components += "{name = \"c" + std::to_string(i) + "\", flash = \"f" + std::to_string(i) +
                      "\", offset = 0, size = \"256M\"},";
    }
    text += "[[set]]\nname = \"all\"\ncomponents = [" + components + "]\n";
    const std::string region = "[[region]]\nname = \"slot_a\"\nflash = \"all\"\noffset = 0\nsize = \"1G\"\n";
    const auto fits = parse({"test.toml", text + region});
    ASSERT_TRUE(fits) << fits.error().what;
    EXPECT_EQ(fits->parts.back().geometry.bytes, 1U << 30);
    std::string larger = text;
    for (std::size_t at = 0; (at = larger.find("256M", at)) != std::string::npos;) larger.replace(at, 4, "512M");
    const auto refused = parse({"test.toml", larger + region});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, "set 'all' has more than 1073741824 bytes with it");
}

TEST(ImageSet, StaysTheSameFlashOnlyWithTheSameComponents) {
    const std::uint32_t crc = layout_crc(load_sets());
    const std::string elsewhere = with("offset = \"12K\", size = \"8K\"", "offset = \"20K\", size = \"8K\"", sets);
    EXPECT_NE(layout_crc(load_sets(elsewhere)), crc);
}

TEST(ImageSet, IsLaidOutWithEveryComponentAtItsPlace) {
    const Layout l = load_sets();
    const Part& set = *l.set_of("slot_a");
    const std::vector<std::uint8_t> app(1000, 1);
    const std::vector<std::uint8_t> radio(8192, 2);
    const auto body = lay_out(set, {{"app", app}, {"radio", radio}}, l.header_bytes, l.file);
    ASSERT_TRUE(body) << body.error().what;
    ASSERT_EQ(body->size(), (16U << 10) - 0x200 + 8192);
    EXPECT_EQ((*body)[999], 1);
    EXPECT_EQ((*body)[1000], 0xFF);
    EXPECT_EQ((*body)[(16U << 10) - 0x200 - 1], 0xFF);
    EXPECT_EQ((*body)[(16U << 10) - 0x200], 2);
    EXPECT_EQ(place_of(set, 1, l.header_bytes).offset, 16U << 10);

    const std::vector<std::uint8_t> large(8193, 2);
    EXPECT_EQ(lay_out(set, {{"app", app}, {"radio", large}}, l.header_bytes, l.file).error().what,
              "component 'radio' has 8193 bytes, its place 8192");
    EXPECT_FALSE(lay_out(set, {{"app", app}}, l.header_bytes, l.file));
    EXPECT_FALSE(lay_out(set, {{"app", app}, {"radio", {}}}, l.header_bytes, l.file));
    EXPECT_FALSE(lay_out(set, {{"app", app}, {"radio", radio}, {"wifi", radio}}, l.header_bytes, l.file));
}

}  // namespace
}  // namespace sb::layout
