// ports: what a board gives to the bootloader and to the example application. A new board implements the five
// functions at the top; jump() and reset() come with its processor (ports/cortex_m). The hooks at the end have
// defaults that do nothing (ports/hooks.cpp), which a board replaces where the part can do more.
// Nothing here waits without a bound.
#pragma once

#include <optional>

#include "core/boot/locks.hpp"
#include "core/flash/supply.hpp"

namespace sb::port {

/// What stands where on the board, over drivers that live as long as the program.
struct Board {
    FlashMap map;
    Region boot;  ///< the bootloader's own region; the identity stands at its end
};

/// Brings up clocks and console. Called once, first.
void start();
/// Requires: start() was called.
[[nodiscard]] Board board();
/// A byte that came in, if there is one. Returns at once.
[[nodiscard]] std::optional<std::uint8_t> get_byte();
/// Sends a byte; one that the part does not take within some milliseconds is dropped.
void put_byte(std::uint8_t byte);
/// Time since start(), modulo 2^32; only differences mean something.
[[nodiscard]] std::uint32_t microseconds();

/// Starts the image whose vector table stands at `vectors`; interrupts go there from now on.
[[noreturn]] void jump(std::uint32_t vectors);
[[noreturn]] void reset();

/// Called before an image starts: from now on, until the next reset, no program can write or erase the bootloader, nor
/// what `locks` names of the map; as far as the part can. What is locked by blocks is rounded so that nothing else is.
void protect(const Board& board, Locks locks);
/// Called before an image starts, whichever: from now on the part resets unless the image kicks its watchdog. A reset
/// by it costs an image that is on trial one of its tries, as each start does.
void start_watchdog();
/// Called at least once a second while the bootloader waits, and by the application for as long as it is well. Nothing
/// where no watchdog runs.
void kick_watchdog();
/// Of a board that measures its supply; null: no care is taken.
[[nodiscard]] Supply* supply();
/// Security floor in memory that only rises; 0 where there is none.
[[nodiscard]] std::uint32_t hardware_floor();
/// Of scheme ram_load: the RAM that images are loaded to and run from. Empty with the others.
[[nodiscard]] MutableBytes load_area();

}  // namespace sb::port
