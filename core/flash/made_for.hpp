// core/flash: which layouts a program is made for. The command, the checker and the C library take every layout, and
// what is asked here is answered with what the map says. A board's program is made for one: it answers these functions
// itself (ports/one_layout.cpp), and link-time optimisation leaves out what only other layouts need. Such a program
// works on no map but its own: the one for bootloaders' packages (install/bootloader_update.hpp) would be another.
#pragma once

#include <cstdint>

namespace sb {

enum class Scheme : std::uint8_t;

namespace made_for {

/// Each returns its argument, what the map or the device says, unless the program knows it to be always the same.
[[nodiscard]] Scheme scheme(Scheme said);
[[nodiscard]] bool golden(bool said);       ///< whether there is a factory image
[[nodiscard]] bool one_address(bool said);  ///< whether every image runs at the same address
[[nodiscard]] bool undoing(bool said);      ///< whether the mover knows Plan::undo
[[nodiscard]] bool low_battery(bool said);  ///< whether no erase may begin

}  // namespace made_for

}  // namespace sb
