// The five functions of the micro:bit, and its protection.
#include "generated/board.hpp"
#include "ports/microbit/nvmc_flash.hpp"
#include "ports/microbit/protected_blocks.hpp"
#include "ports/microbit/registers.hpp"
#include "ports/port.hpp"

namespace sb::port {

namespace {

using microbit::reg;
namespace uart = microbit::uart;
namespace timer0 = microbit::timer0;
namespace mpu = microbit::mpu;

constinit microbit::NvmcFlash flash;

/// Known before anything runs: an image of this board stands in slot A.
constexpr mpu::Blocks blocks_of(Locks locks) {
    static_assert(moves_images(::board::scheme) || has_one_slot(::board::scheme));
    mpu::Blocks blocks;
    blocks.add(::board::boot.offset, ::board::boot.bytes);
    locks.each(::board::flash_map(flash), [&](const Region& region) { blocks.add(region.offset(), region.bytes()); });
    return blocks;
}
constexpr mpu::Blocks at_rest = blocks_of({SlotId::a, false});
constexpr mpu::Blocks on_trial = blocks_of({SlotId::a, true});

}  // namespace

void start() {
    reg(timer0::bit_mode) = timer0::bits_32;
    reg(timer0::prescaler) = timer0::microseconds;
    reg(timer0::clear) = 1;
    reg(timer0::start) = 1;
    reg(uart::pin_tx) = 24;
    reg(uart::pin_rx) = 25;
    reg(uart::baud_rate) = uart::baud_115200;
    reg(uart::enable) = uart::enabled;
    reg(uart::rx_ready) = 0;
    reg(uart::start_rx) = 1;
    reg(uart::start_tx) = 1;
}

Board board() {
    return {::board::flash_map(flash), Region(flash, ::board::boot.offset, ::board::boot.bytes)};
}

std::optional<std::uint8_t> get_byte() {
    if (reg(uart::rx_ready) == 0) return std::nullopt;
    reg(uart::rx_ready) = 0;
    return static_cast<std::uint8_t>(reg(uart::rx));
}

void put_byte(std::uint8_t byte) {
    constexpr std::uint32_t longest_wait = 20'000;  // a byte takes 87 us
    reg(uart::tx_ready) = 0;
    reg(uart::tx) = byte;
    for (std::uint32_t i = 0; i < longest_wait && reg(uart::tx_ready) == 0; ++i) {
    }
}

std::uint32_t microseconds() {
    reg(timer0::capture0) = 1;
    return reg(timer0::compare0);
}

/// QEMU does not model it.
void protect(const Board& /*board*/, Locks locks) {
    const mpu::Blocks& locked = locks.on_trial ? on_trial : at_rest;
    reg(mpu::protect_set0) = locked.bits[0];
    reg(mpu::protect_set1) = locked.bits[1];
}

}  // namespace sb::port
