#include "tools/layout/gen.hpp"
#include "tools/layout/image_set.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "tools/layout/testing.hpp"

namespace sb::layout {
namespace {

namespace fs = std::filesystem;

/// A directory that goes with the test.
class Workshop {
public:
    Workshop() {
        std::string name = (fs::temp_directory_path() / "layout-gen-XXXXXX").string();
        dir_ = ::mkdtemp(name.data());
    }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;
    ~Workshop() {
        std::error_code ignored;
        fs::remove_all(dir_, ignored);
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (dir_ / name).string(); }
    void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(path(name)).rdbuf();
        return text.str();
    }
    /// Runs a command in the directory; what it said is in `said`.
    [[nodiscard]] bool run(const std::string& command) const {
        return std::system(fmt::format("cd '{}' && ({}) > said 2>&1", dir_.string(), command).c_str()) == 0;
    }

private:
    fs::path dir_;
};

Layout load_good(const std::string& text = good) {
    return *parse({"some/where/test.toml", text});
}

// ---- the header

constexpr const char* strict = SB_COMPILER
    " -std=c++23 -Wall -Wextra -Wpedantic -Werror -Wconversion -Wshadow -fno-exceptions -fno-rtti -I '" SB_SOURCE_DIR
    "' ";

std::string truth(bool value) {
    return value ? "true" : "false";
}

/// What a port would rely on, each as a line that the compiler checks against the layout.
std::string assertions(const Layout& l) {
    std::string text = "#include \"board.hpp\"\n";
    const auto holds = [&](const std::string& what) { text += "static_assert(" + what + ");\n"; };
    const auto is = [&](const std::string& name, auto value) { holds(fmt::format("board::{} == {}", name, value)); };
    is("layout_crc", layout_crc(l));
    is("header_bytes", l.header_bytes);
    is("max_block_bytes", l.max_block_bytes);
    is("tries", int{l.tries});
    is("swap_unit", check(l)->swap_unit_bytes);
    is("image_room_bytes", check(l)->image_room_bytes);
    is("remap", truth(l.remap));
    is("cortex_m", truth(l.cortex_m));
    is("allow_downgrade", truth(l.allow_downgrade));
    is("golden_below_floor", truth(l.golden_below_floor));
    is("accept_no_way_back", truth(l.accept_no_way_back));
    holds(fmt::format("static_cast<int>(board::scheme) == {}", static_cast<int>(l.scheme)));
    is("decoders.size()", l.decoders.size());
    for (std::size_t i = 0; i < l.decoders.size(); ++i) {
        holds(fmt::format("static_cast<int>(board::decoders[{}].format) == {}", i,
                          static_cast<int>(l.decoders[i].format)));
        is(fmt::format("decoders[{}].ram_bytes", i), l.decoders[i].ram_bytes);
    }
    for (const Part& part : l.parts) {
        const std::string in = "flash_" + part.name + "::";
        is(in + "address", part.address);
        is(in + "geometry.bytes", part.geometry.bytes);
        is(in + "geometry.granule", part.geometry.granule);
        is(in + "geometry.rated_cycles", part.geometry.rated_cycles);
        is(in + "geometry.erased", int{part.geometry.erased});
        is(in + "geometry.erased_readable", truth(part.geometry.erased_readable));
        is(in + "geometry.reprogram_same", truth(part.geometry.reprogram_same));
        is(in + "geometry.ecc", truth(part.geometry.ecc));
        is(in + "geometry.erase_map.size()", part.erase_map.size());
        for (std::size_t i = 0; i < part.erase_map.size(); ++i) {
            is(fmt::format("{}erase_map[{}].units", in, i), part.erase_map[i].units);
            is(fmt::format("{}erase_map[{}].unit_bytes", in, i), part.erase_map[i].unit_bytes);
        }
    }
    for (const Part& set : l.parts)
        for (std::size_t i = 0; i < set.components.size(); ++i) {
            const std::string name = fmt::format("set_{}::{}_place", set.name, set.components[i].name);
            is(name + ".offset", place_of(set, i, l.header_bytes).offset);
            is(name + ".bytes", place_of(set, i, l.header_bytes).bytes);
        }
    for (const RegionSpec& r : l.regions) {
        is(r.name + ".offset", r.offset);
        is(r.name + ".bytes", r.bytes);
        is(r.name + ".address", address_of(l, r));
    }
    is("low_battery_millivolts", l.low_battery_millivolts);
    if (l.ram) is("ram.bytes", l.ram->bytes);
    if (l.load) is("load.address", l.load->address);
    if (l.load) is("load.bytes", l.load->bytes);
    return text;
}

TEST(GenHeader, CompilesFreestandingAndSaysWhatTheLayoutSays) {
    const Workshop workshop;
    std::string command = "true";
    for (const std::string& name : shipped_names()) {
        const auto layout = load(name);
        const auto header = cpp_header(*layout);
        ASSERT_TRUE(header) << header.error().what;
        fs::create_directory(workshop.path(name));
        workshop.write(name + "/board.hpp", *header);
        workshop.write(name + "/check.cpp", assertions(*layout));
        command += fmt::format(" && {} -ffreestanding -fsyntax-only {}/check.cpp", strict, name);
    }
    EXPECT_TRUE(workshop.run(command)) << workshop.read("said");
}

TEST(GenHeader, FillsTheFlashMapOfTheCore) {
    for (const char* name : {"default", "nrf52840", "stm32f103", "stm32f407"}) {
        const Workshop workshop;
        const auto layout = load(name);
        workshop.write("board.hpp", *cpp_header(*layout));
        const auto region = [&](const char* which) { return *layout->region(which); };
        const bool golden = layout->region("golden") != nullptr;
        const bool data = layout->region("user_data") != nullptr;
        workshop.write("main.cpp",
                       fmt::format(R"(#include "board.hpp"
struct Part final : sb::Flash {{
    const sb::Geometry& geometry() const override {{ return board::flash_internal::geometry; }}
    sb::Result<void> read(std::uint32_t at, sb::MutableBytes) override {{ seen = at; return {{}}; }}
    sb::Result<void> program(std::uint32_t, sb::Bytes) override {{ return {{}}; }}
    sb::Result<void> erase(std::uint32_t) override {{ return {{}}; }}
    sb::Result<bool> is_blank(std::uint32_t, std::uint32_t) override {{ return true; }}
    std::uint32_t seen = 0;
}};
bool stands(Part& part, const sb::Region& r, std::uint32_t offset, std::uint32_t bytes) {{
    return r.read(0, {{}}).has_value() && part.seen == offset && r.bytes() == bytes;
}}
int main() {{
    Part part;
    const sb::FlashMap map = board::flash_map(part);
    if (!stands(part, map.slots[0].region, {}, {})) return 1;
    if (!stands(part, map.slots[1].region, {}, {})) return 2;
    if (!stands(part, map.journal, {}, {})) return 3;
    if (map.golden.valid() != {} || map.user_data.valid() != {}) return 4;
    if (map.slots[0].address != {} || map.slots[1].address != {}) return 5;
    if (map.scheme != board::scheme || map.swap_unit != {} || map.layout_crc != {}U) return 6;
    if (map.header_bytes != {} || map.cortex_m != {} || map.remap != {}) return 7;
    return 0;
}}
)",
                                   region("slot_a").offset, region("slot_a").bytes, region("slot_b").offset,
                                   region("slot_b").bytes, region("journal").offset, region("journal").bytes, golden,
                                   data, address_of(*layout, region("slot_a")),
                                   address_of(*layout, region(layout->remap ? "slot_a" : "slot_b")),
                                   check(*layout)->swap_unit_bytes, layout_crc(*layout), layout->header_bytes,
                                   layout->cortex_m, layout->remap));
        EXPECT_TRUE(workshop.run(
            fmt::format("{} main.cpp '{}/core/flash/region.cpp' -o main && ./main", strict, SB_SOURCE_DIR)))
            << name << ": " << workshop.read("said");
    }
}

/// Compiles `body` as main() of a program over the generated header and runs it.
void expect_runs(const char* name, const std::string& body) {
    const Workshop workshop;
    workshop.write("board.hpp", *cpp_header(*load(name)));
    workshop.write("main.cpp", R"(#include "board.hpp"
#include "core/flash/supply.hpp"
struct Part final : sb::Flash {
    const sb::Geometry& geometry() const override { return its; }
    sb::Result<void> read(std::uint32_t at, sb::MutableBytes) override { seen = at; return {}; }
    sb::Result<void> program(std::uint32_t, sb::Bytes) override { return {}; }
    sb::Result<void> erase(std::uint32_t) override { return {}; }
    sb::Result<bool> is_blank(std::uint32_t, std::uint32_t) override { return true; }
    explicit Part(const sb::Geometry& g) : its(g) {}
    const sb::Geometry& its;
    std::uint32_t seen = 1;
};
bool stands(Part& part, const sb::Region& r, std::uint32_t offset, std::uint32_t bytes) {
    return r.read(0, {}).has_value() && part.seen == offset && r.bytes() == bytes;
}
int main() {
)" + body + "    return 0;\n}\n");
    EXPECT_TRUE(
        workshop.run(fmt::format("{0} main.cpp '{1}/core/flash/region.cpp' '{1}/core/flash/map.cpp' "
                                 "'{1}/core/flash/made_for.cpp' -o main && ./main",
                                 strict, SB_SOURCE_DIR)))
        << name << ": " << workshop.read("said");
}

TEST(GenHeader, FillsTheFlashMapOfImagesThatRunFromRam) {
    expect_runs("smartfusion2", R"(    Part envm(board::flash_envm::geometry), spi(board::flash_spi::geometry);
    const sb::FlashMap map = board::flash_map(envm, spi);
    if (map.scheme != sb::Scheme::ram_load || map.ram_bytes != 49152) return 1;
    if (map.slots[0].address != 0x20004000 || map.slots[1].address != 0x20004000) return 2;
    if (!stands(spi, map.slots[0].region, 0x40000, 65536) || !stands(spi, map.slots[1].region, 0x50000, 65536)) return 3;
    if (!stands(spi, map.golden, 0x60000, 65536) || !stands(spi, map.journal, 0, 0x40000)) return 4;
    if (envm.seen != 1) return 5;
    if (map.image_room(sb::SlotId::a) != board::image_room_bytes) return 6;
)");
}

TEST(GenHeader, FillsTheFlashMapOfOneSlot) {
    expect_runs("stm32f072", R"(    Part internal(board::flash_internal::geometry);
    const sb::FlashMap map = board::flash_map(internal);
    if (map.scheme != sb::Scheme::single || map.slots[1].region.valid() || map.golden.valid()) return 1;
    if (!stands(internal, map.slots[0].region, 0x8000, 90112) || map.slots[0].address != 0x08008000) return 2;
    if (map.download_slot(sb::SlotId::a) != sb::SlotId::a) return 3;
    static_assert(board::low_battery_millivolts == 2300 && board::accept_no_way_back);
    // As docs/power.md has ports do it.
    struct Low final : sb::Supply { bool low() override { return true; } } supply;
    sb::SparingFlash sparing(internal, supply);
    sb::FlashMap spared = board::flash_map(sparing);
    spared.journal = map.journal;
    const sb::Result<void> erased = spared.slots[0].region.erase(0);
    if (erased || erased.error() != sb::Error::low_battery) return 4;
    if (!spared.journal.erase(0)) return 5;
)");
}

TEST(GenHeader, TakesPartsOfAnyNumberAndName) {
    std::string text = with("name = \"main\"", "name = \"main-1\"");
    for (int i = 0; i < 4; ++i) text = with("flash = \"main\"", "flash = \"main-1\"", text);
    text = with("[[region]]",
                "[[flash]]\nname = \"2nd\"\naddress = 0\nsize = \"1M\"\nerase_unit = \"4K\"\ngranule = 1\n"
                "rated_cycles = 1\n[[region]]",
                text);
    const Layout layout = load_good(text);
    const auto header = cpp_header(layout);
    ASSERT_TRUE(header) << header.error().what;
    const Workshop workshop;
    workshop.write("board.hpp", *header);
    workshop.write("check.cpp", "#include \"board.hpp\"\n");
    EXPECT_TRUE(workshop.run(std::string(strict) + "-ffreestanding -fsyntax-only check.cpp")) << workshop.read("said");
    const auto twice = cpp_header(load_good(with("name = \"2nd\"", "name = \"main_1\"", text)));
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().line, 13U);
}

/// What a set and its components are called clashes with nothing that the header has besides.
TEST(GenHeader, TakesSetsOfAnyName) {
    const Workshop workshop;
    std::string command = "true";
    for (const auto& [set, component] : {std::pair{"slot", "a"}, {"header", "bytes"}, {"2nd-set", "class"}}) {
        std::string text = with("scheme = \"xip\"\nremap = true", "scheme = \"copy\"\naccept_no_way_back = true");
        text = with("flash = \"main\"\noffset = \"8K\"", fmt::format("flash = \"{}\"\noffset = 0", set), text);
        text += fmt::format(
            "[[set]]\nname = \"{}\"\ncomponents = [{{name = \"{}\", flash = \"main\", offset = \"8K\", size = \"8K\"}},"
            "{{name = \"Place\", flash = \"main\", offset = \"16K\", size = \"16K\"}}]\n",
            set, component);
        const auto header = cpp_header(load_good(text));
        ASSERT_TRUE(header) << header.error().what;
        fs::create_directory(workshop.path(set));
        workshop.write(std::string(set) + "/board.hpp", *header);
        workshop.write(std::string(set) + "/check.cpp", "#include \"board.hpp\"\n");
        command += fmt::format(" && {} -ffreestanding -fsyntax-only {}/check.cpp", strict, set);
    }
    EXPECT_TRUE(workshop.run(command)) << workshop.read("said");
}

/// A component has no more memory than images have room where they wait.
TEST(GenLinkerScript, GivesComponentsWhatTheOtherSlotHasRoomFor) {
    std::string text = with("scheme = \"xip\"\nremap = true", "scheme = \"copy\"\naccept_no_way_back = true");
    text = with("flash = \"main\"\noffset = \"8K\"", "flash = \"two\"\noffset = 0", text) +
           "[[set]]\nname = \"two\"\ncomponents = [{name = \"app\", flash = \"main\", offset = \"8K\", size = \"8K\"},"
           "{name = \"radio\", flash = \"main\", offset = \"16K\", size = \"16K\"}]\n";
    const auto script = [&](const char* slot_b) {
        return linker_script(load_good(with("offset = \"32K\"\nsize = \"24K\"", slot_b, text)), Program::slot_a);
    };
    const auto whole = script("offset = \"32K\"\nsize = \"24K\"");
    ASSERT_TRUE(whole) << whole.error().what;
    EXPECT_NE(whole->find("slot_a_radio (rx)  : ORIGIN = 0x08004000, LENGTH = 0x3e00"), std::string::npos) << *whole;
    const auto less = script("offset = \"32K\"\nsize = \"12K\"");
    ASSERT_TRUE(less) << less.error().what;
    EXPECT_NE(less->find("slot_a_radio (rx)  : ORIGIN = 0x08004000, LENGTH = 0xe00"), std::string::npos) << *less;
    EXPECT_FALSE(script("offset = \"32K\"\nsize = \"8K\""));
}

TEST(Gen, SaysWhereItComesFromAndIsFooledByNoName) {
    const std::string evil = with("name = \"test\"", R"(name = "x*/\n\"; #error \\")");
    const std::string header = *cpp_header(load_good(evil));
    EXPECT_TRUE(
        header.starts_with("// Generated by 'switchback layout gen' from the layout x????? ?error ? (test.toml)"))
        << header.substr(0, 120);
    EXPECT_EQ(header.find("#error"), std::string::npos);
    const std::string script = *linker_script(load_good(evil), Program::boot);
    EXPECT_TRUE(
        script.starts_with("/* Generated by 'switchback layout gen' from the layout x????? ?error ? (test.toml)"));
    EXPECT_EQ(script.find("some/where"), std::string::npos) << "no path of this machine";
}

// ---- the linker script

constexpr const char* tiny = R"(
extern "C" void Reset_Handler();
extern char sb_slot_a_address[], sb_journal_bytes[], __stack_top[];
__attribute__((section(".isr_vector"), used)) const void* const vectors[] = {
    static_cast<const void*>(__stack_top), reinterpret_cast<const void*>(&Reset_Handler)};
int in_data = 7;
int in_bss;
char* volatile seen;
#ifdef TOO_LARGE
extern const char filler[TOO_LARGE];
const char filler[TOO_LARGE] = {1};
#endif
extern "C" void Reset_Handler() {
    seen = sb_slot_a_address + (sb_journal_bytes - static_cast<char*>(nullptr));
    in_bss = in_data;
}
)";

/// Links the tiny program; the addresses of its symbols, or nothing when that failed.
std::map<std::string, std::uint64_t> linked(const Workshop& workshop, const std::string& script,
                                            const std::string& options = "") {
    workshop.write("app.ld", script);
    workshop.write("app.cpp", tiny);
    const std::string compiler = SB_CROSS_COMPILER;
    const std::string nm = compiler.substr(0, compiler.rfind("g++")) + "nm";
    if (!workshop.run(
            fmt::format("{} -mcpu=cortex-m0 -mthumb -Os -nostdlib -T app.ld {} app.cpp -o app.elf && {} app.elf",
                        compiler, options, nm)))
        return {};
    std::istringstream lines(workshop.read("said"));
    std::map<std::string, std::uint64_t> symbols;
    std::string address, kind, name;
    while (lines >> address >> kind >> name) symbols[name] = std::strtoull(address.c_str(), nullptr, 16);
    return symbols;
}

bool no_cross_compiler() {
    return std::string(SB_CROSS_COMPILER).empty();
}

TEST(GenLinkerScript, PutsProgramsWhereTheLayoutWantsThem) {
    if (no_cross_compiler()) GTEST_SKIP() << "no arm-none-eabi-g++";
    for (const std::string& name : shipped_names()) {
        const auto layout = load(name);
        if (!layout->cortex_m) continue;
        const Workshop workshop;
        const RegionSpec& a = *layout->region("slot_a");
        auto symbols = linked(workshop, *linker_script(*layout, Program::slot_a));
        ASSERT_FALSE(symbols.empty()) << name << ": " << workshop.read("said");
        const std::uint32_t runs_at = layout->load ? layout->load->address : address_of(*layout, a);
        EXPECT_EQ(symbols["sb_vectors"], runs_at + layout->header_bytes) << name;
        EXPECT_EQ(symbols["sb_load_address"], layout->load ? runs_at : 0) << name;
        EXPECT_EQ(symbols["sb_slot_a_address"], address_of(*layout, a));
        EXPECT_EQ(symbols["sb_journal_bytes"], layout->region("journal")->bytes);
        EXPECT_EQ(symbols["sb_layout_crc"], layout_crc(*layout));
        EXPECT_EQ(symbols["in_data"], layout->ram->address);
        EXPECT_GT(symbols["in_bss"], symbols["in_data"]);
        EXPECT_EQ(symbols["__stack_top"], std::uint64_t{layout->ram->address} + layout->ram->bytes);
        symbols = linked(workshop, *linker_script(*layout, Program::boot));
        EXPECT_EQ(symbols["sb_vectors"], address_of(*layout, *layout->region("boot"))) << name;
    }
}

TEST(GenLinkerScript, LinksForEachSlotOnlyWhereImagesRunThere) {
    const auto fixed = load("nrf52840");
    const auto script = linker_script(*fixed, Program::slot_b);
    ASSERT_TRUE(script) << script.error().what;
    if (!no_cross_compiler()) {
        const Workshop workshop;
        EXPECT_EQ(linked(workshop, *script)["sb_vectors"], 0x80000U + 0x200) << workshop.read("said");
    }
    for (const char* name : {"default", "nrf51822", "stm32f103", "smartfusion2", "stm32f072"}) {
        const auto refused = linker_script(*load(name), Program::slot_b);
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().line, load(name)->lines.scheme);
        EXPECT_EQ(linker_script(*load(name), Program::slot_a)->find("slot_b (rx)"), std::string::npos);
    }
}

TEST(GenLinkerScript, StopsAProgramThatSigningWouldMakeTooLarge) {
    if (no_cross_compiler()) GTEST_SKIP() << "no arm-none-eabi-g++";
    const auto layout = load("stm32f103");
    const Workshop workshop;
    const std::string script = *linker_script(*layout, Program::slot_a);
    EXPECT_FALSE(linked(workshop, script, "-DTOO_LARGE=32000").empty()) << workshop.read("said");
    EXPECT_TRUE(linked(workshop, script, "-DTOO_LARGE=32768").empty()) << "33 KB less 1 KB, vectors and code besides";
    EXPECT_NE(workshop.read("said").find("slot_a"), std::string::npos) << workshop.read("said");
}

TEST(GenLinkerScript, StopsAProgramThatTheMemoryItIsLoadedToDoesNotHold) {
    if (no_cross_compiler()) GTEST_SKIP() << "no arm-none-eabi-g++";
    const Workshop workshop;
    const std::string script = *linker_script(*load("smartfusion2"), Program::slot_a);
    EXPECT_FALSE(linked(workshop, script, "-DTOO_LARGE=47000").empty()) << workshop.read("said");
    EXPECT_TRUE(linked(workshop, script, "-DTOO_LARGE=48128").empty()) << "48 KB less 1 KB, vectors and code besides";
    EXPECT_NE(workshop.read("said").find("load"), std::string::npos) << workshop.read("said");
}

TEST(GenLinkerScript, RefusesASlotWithoutRoomAndMisplacedVectors) {
    std::string text = with("offset = \"8K\"\nsize = \"24K\"", "offset = \"8K\"\nsize = \"1K\"");
    text = with("offset = \"32K\"\nsize = \"24K\"", "offset = \"32K\"\nsize = \"1K\"", text);
    const auto refused = linker_script(load_good(text), Program::slot_a);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().line, 18U);
    if (no_cross_compiler()) return;
    const Workshop workshop;
    const std::string ram = "cpu = \"cortex-m\"\n[ram]\naddress = 0x20000000\nsize = \"8K\"\n[[flash]]";
    const std::string odd = with("header_size = 0x200", "header_size = 0x20", with("[[flash]]", ram));
    EXPECT_TRUE(linked(workshop, *linker_script(load_good(odd), Program::slot_a)).empty());
    EXPECT_NE(workshop.read("said").find("aligned to 128"), std::string::npos) << workshop.read("said");
}

TEST(GenLinkerScript, WithoutRamThereAreMemoriesAndSymbolsOnly) {
    const std::string script = *linker_script(load_good(), Program::slot_a);
    EXPECT_EQ(script.find("SECTIONS"), std::string::npos);
    EXPECT_NE(script.find("ORIGIN = 0x08002200, LENGTH = 0x5c00"), std::string::npos) << script;
    EXPECT_NE(script.find("sb_slot_b_address = 0x08008000;"), std::string::npos);
}

}  // namespace
}  // namespace sb::layout
