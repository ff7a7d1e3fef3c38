#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/layout/bootloader.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/gen.hpp"
#include "tools/layout/gen_text.hpp"
#include "tools/layout/image_set.hpp"

namespace sb::layout {
namespace {

/// What a program is linked into: flash, or the RAM that images are loaded to.
struct Memory {
    std::string name;
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;
};

/// Whether images are linked for the slot where they will stand.
bool build_per_slot(const Layout& l) {
    return l.scheme == Scheme::xip && !l.remap;
}

Problem refusal(const Layout& l, std::uint32_t line, std::string what, std::string fix) {
    return {.file = l.file, .line = line, .what = std::move(what), .fix = std::move(fix)};
}

/// What a slot leaves for a program between header and signature. Throws Problem.
Memory behind_header(const Layout& l, const RegionSpec& slot) {
    const std::uint32_t room = build_per_slot(l) ? slot.bytes : check(l)->image_room_bytes;
    const std::uint32_t spent = l.header_bytes + image_tail_bytes;
    if (room <= spent)
        throw refusal(l, slot.line, fmt::format("an image of {} bytes leaves no room for a program", room),
                      fmt::format("make {} larger: header and signature take {} bytes", slot.name, spent));
    if (l.load) return {"load", l.load->address + l.header_bytes, room - spent};
    return {slot.name, address_of(l, slot) + l.header_bytes, room - spent};
}

/// Where the components of a set run: the first behind the header, the last short of what signing adds.
std::vector<Memory> components_in(const Layout& l, const RegionSpec& slot) {
    const Part& set = l.parts[slot.part];
    // Where an image comes in there may be less room than where it runs.
    const std::uint32_t most = build_per_slot(l) ? slot.bytes : check(l)->image_room_bytes;
    std::vector<Memory> all;
    for (std::size_t i = 0; i < set.components.size(); ++i) {
        const Component& c = set.components[i];
        const Place place = place_of(set, i, l.header_bytes);
        const std::uint32_t tail = i + 1 == set.components.size() ? image_tail_bytes : 0;
        const std::uint32_t room = std::min(place.bytes, most - std::min(most, place.offset));
        if (room <= tail)
            throw refusal(l, set.line, fmt::format("component '{}' leaves no room for what signing adds", c.name),
                          fmt::format("make it larger, or the other slot: of images of {} bytes it has {}, and the "
                                      "signature takes {}",
                                      most, room, image_tail_bytes));
        all.push_back({i == 0 ? slot.name : slot.name + "_" + c.name,
                       l.parts[c.part].address + c.offset + (i == 0 ? l.header_bytes : 0), room - tail});
    }
    return all;
}

std::vector<Memory> memories(const Layout& l) {
    const RegionSpec& boot = *l.region("boot");
    std::vector<Memory> all = {{boot.name, address_of(l, boot), boot.bytes}};
    for (const char* const name : {"slot_a", "slot_b"}) {
        if (name == std::string_view("slot_b") && !build_per_slot(l)) continue;
        const RegionSpec& slot = *l.region(name);
        if (l.set_of(name) == nullptr)
            all.push_back(behind_header(l, slot));
        else
            std::ranges::copy(components_in(l, slot), std::back_inserter(all));
    }
    for (const char* const name : {"bootloader_a", "bootloader_b"}) {
        if (!l.bootloader_updatable) continue;
        const std::uint32_t room = bootloader_room(l);
        const std::uint32_t spent = l.header_bytes + image_tail_bytes;
        if (room <= spent)
            throw refusal(l, l.region(name)->line,
                          fmt::format("a bootloader of {} bytes leaves no room for a program", room),
                          fmt::format("make {} larger: header and signature take {} bytes", name, spent));
        all.push_back({name, address_of(l, *l.region(name)) + l.header_bytes, room - spent});
    }
    return all;
}

std::string memory_text(const Layout& l) {
    std::string text = fmt::format(
        "/* Images: behind their header ({} bytes), and {} bytes short for what signing puts behind the program. "
        "*/\n"
        "MEMORY {{\n",
        l.header_bytes, image_tail_bytes);
    for (const Memory& m : memories(l))
        text += fmt::format("    {:<6} (rx)  : ORIGIN = 0x{:08x}, LENGTH = 0x{:x}\n", m.name, m.address, m.bytes);
    if (l.ram)
        text +=
            fmt::format("    {:<6} (rwx) : ORIGIN = 0x{:08x}, LENGTH = 0x{:x}\n", "ram", l.ram->address, l.ram->bytes);
    return text + "}\n";
}

/// Symbols of every region, for programs that look at them.
std::string symbols_text(const Layout& l) {
    std::string text;
    for (const RegionSpec& r : in_order(l)) {
        text +=
            fmt::format("sb_{0}_address = 0x{1:08x};\nsb_{0}_bytes = 0x{2:x};\n", r.name, address_of(l, r), r.bytes);
        for (const Component& c : l.parts[r.part].components)
            text += fmt::format("sb_{0}_{1}_address = 0x{2:08x};\nsb_{0}_{1}_bytes = 0x{3:x};\n", r.name, c.name,
                                l.parts[c.part].address + c.offset, c.bytes);
    }
    if (l.load)
        text += fmt::format("sb_load_address = 0x{:08x};\nsb_load_bytes = 0x{:x};\n", l.load->address, l.load->bytes);
    return text + fmt::format("sb_header_bytes = 0x{:x};\nsb_layout_crc = 0x{:08x};\n", l.header_bytes, layout_crc(l));
}

/// Names are those that startup files of CMSIS and of vendors ask for.
constexpr std::string_view cortex_m_sections = R"(
ENTRY(Reset_Handler)

SECTIONS {
    .vectors : {
        sb_vectors = .;
        KEEP(*(.isr_vector .isr_vector.* .vectors .vectors.*))
    } > program
    .text : {
        *(.text .text.*)
        KEEP(*(.init))
        KEEP(*(.fini))
        *(.rodata .rodata.*)
    } > program
    .ARM.extab : { *(.ARM.extab* .gnu.linkonce.armextab.*) } > program
    .ARM.exidx : {
        __exidx_start = .;
        *(.ARM.exidx* .gnu.linkonce.armexidx.*)
        __exidx_end = .;
    } > program
    .init_array : {
        . = ALIGN(4);
        __preinit_array_start = .;
        KEEP(*(.preinit_array*))
        __preinit_array_end = .;
        __init_array_start = .;
        KEEP(*(SORT(.init_array.*)))
        KEEP(*(.init_array))
        __init_array_end = .;
        __fini_array_start = .;
        KEEP(*(SORT(.fini_array.*)))
        KEEP(*(.fini_array))
        __fini_array_end = .;
        . = ALIGN(4);
    } > program

    .data : ALIGN(4) {
        __data_start__ = .;
        *(.data .data.*)
        . = ALIGN(4);
        __data_end__ = .;
    } > ram AT > program
    __data_load__ = LOADADDR(.data);
    .bss (NOLOAD) : ALIGN(4) {
        __bss_start__ = .;
        *(.bss .bss.* COMMON)
        . = ALIGN(4);
        __bss_end__ = .;
    } > ram
    end = .;
    __stack_top = ORIGIN(ram) + LENGTH(ram);
}

PROVIDE(__etext = __data_load__);
PROVIDE(__StackTop = __stack_top);
PROVIDE(_estack = __stack_top);
PROVIDE(_sidata = __data_load__);
PROVIDE(_sdata = __data_start__);
PROVIDE(_edata = __data_end__);
PROVIDE(_sbss = __bss_start__);
PROVIDE(_ebss = __bss_end__);

/* VTOR keeps no bits below these: ARMv7-M Architecture Reference Manual, B3.2.5. */
ASSERT(sb_vectors % 128 == 0, "the vector table is not aligned to 128 bytes: choose another header_size")
)";

constexpr std::string_view no_sections =
    "\n/* No sections: the layout names no RAM ([ram]) or no processor that this version knows sections of. */\n";

/// Of its memory.
std::string_view name_of(const Layout& l, Program program) {
    switch (program) {
        case Program::boot:
            return "boot";
        case Program::slot_a:
            return l.load ? "load" : "slot_a";
        case Program::bootloader_a:
            return "bootloader_a";
        case Program::bootloader_b:
            return "bootloader_b";
        case Program::slot_b:
            break;
    }
    return "slot_b";
}

std::string script(const Layout& l, Program program) {
    if (program == Program::slot_b && !build_per_slot(l))
        throw refusal(l, l.lines.scheme, "no image of this layout is linked for slot_b",
                      "link for slot_a: every image runs at one address");
    if ((program == Program::bootloader_a || program == Program::bootloader_b) && !l.bootloader_updatable)
        throw refusal(l, l.lines.bootloader, "the bootloader of this layout has no copies",
                      "link for boot, or write [bootloader] updatable = true");
    return fmt::format("/* {} */\n\n", origin_of(l)) + memory_text(l) +
           fmt::format("/* This script is for the program in: */\nREGION_ALIAS(\"program\", {})\n\n",
                       name_of(l, program)) +
           symbols_text(l) + std::string(l.ram && l.cortex_m ? cortex_m_sections : no_sections);
}

}  // namespace

std::optional<Program> program_named(std::string_view name) {
    if (name == "boot") return Program::boot;
    if (name == "a") return Program::slot_a;
    if (name == "b") return Program::slot_b;
    if (name == "bootloader-a") return Program::bootloader_a;
    if (name == "bootloader-b") return Program::bootloader_b;
    return std::nullopt;
}

std::expected<std::string, Problem> linker_script(const Layout& layout, Program program) {
    try {
        return script(layout, program);
    } catch (const Problem& problem) {
        return std::unexpected(problem);
    }
}

}  // namespace sb::layout
