// tools/layout: what a layout says, for a linker and for a compiler. No offset is typed a second time.
#pragma once

#include <string>
#include <string_view>

#include "tools/layout/layout.hpp"

namespace sb::layout {

/// Flash that is kept free behind a program for what signing adds: digest, key, signature, counters.
inline constexpr std::uint32_t image_tail_bytes = 512;

/// Which program a linker script is for.
enum class Program : std::uint8_t { boot, slot_a, slot_b, bootloader_a, bootloader_b };

/// The program that a name means: boot, a, b, bootloader-a, bootloader-b.
[[nodiscard]] std::optional<Program> program_named(std::string_view name);

/// A linker script for GNU ld: a memory for each place that programs run from, symbols for every region and, where the
/// layout has [ram] and cpu = "cortex-m", the usual sections. Images are placed behind their header.
/// Requires: check() accepted the layout. The problem: nothing of this layout is linked for slot_b, or for a
/// copy of the bootloader.
[[nodiscard]] std::expected<std::string, Problem> linker_script(const Layout& layout, Program program);

/// A header in C++ for the port and the bootloader: constants of everything, and the core's FlashMap of them.
/// Requires: check() accepted the layout. The problem: two parts whose names are one in C++.
[[nodiscard]] std::expected<std::string, Problem> cpp_header(const Layout& layout);

}  // namespace sb::layout
