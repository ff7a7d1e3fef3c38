// tools/layout: the bootloader as a component. A layout that says so has two copies of it, which stage 0 chooses from
// (core/stage0); to whoever signs and packs, they are the slots of a device of their own.
//
//   [bootloader]
//   updatable = true        # and regions bootloader_a, bootloader_b; `boot` holds stage 0
#pragma once

#include "tools/layout/layout.hpp"

namespace sb::layout {

/// What is behind the class of a device in the class of packages for its bootloader.
inline constexpr std::string_view bootloader_class_suffix = "/bootloader";

/// Throws Problem: copies without updatable = true, or too few of them, or too small.
void check_bootloader(const Layout& layout);

/// The largest image of a bootloader, from header to last TLV. Requires: updatable.
[[nodiscard]] std::uint32_t bootloader_room(const Layout& layout);

/// The layout with the copies as its slots: what is packed for it is a build for each, bound to its place. Requires:
/// check() accepted `layout`, updatable.
[[nodiscard]] Layout bootloader_layout(const Layout& layout);

}  // namespace sb::layout
