#include "bench/install/part_times.hpp"

#include <algorithm>
#include <array>

namespace sb::bench {
namespace {

// nRF52840: Product Specification v1.11, "NVMC", electrical specification: tERASEPAGE 85 ms, tWRITE 41 us for a word,
// both maximal.
double nrf52840_erase(std::uint32_t /*unit_bytes*/) {
    return 85e-3;
}
double nrf52840_program(std::uint32_t /*offset*/, std::uint32_t bytes) {
    return bytes / 4.0 * 41e-6;
}

// STM32F405xx/F407xx: datasheet DS8626, "Flash memory programming", 32 bits at a time (2.7 to 3.6 V), typical: 16 us
// for a word; sectors of 16 KB 250 ms, 64 KB 550 ms, 128 KB 1 s. The maximal ones are 100 us and twice as long.
double stm32f407_erase(std::uint32_t unit_bytes) {
    if (unit_bytes <= (16U << 10)) return 250e-3;
    return unit_bytes <= (64U << 10) ? 550e-3 : 1.0;
}
double stm32f407_program(std::uint32_t /*offset*/, std::uint32_t bytes) {
    return bytes / 4.0 * 16e-6;
}

// W25Q64JV: datasheet, "AC electrical characteristics", typical: sector of 4 KB 45 ms (tSE), page of 256 bytes 0.4 ms
// (tPP), of fewer 30 us for the first byte and 2.5 us for each further one (tBP1, tBP2). Before it the page goes over
// the wire: SPI at 50 MHz, with a command and an address.
double w25q_erase(std::uint32_t /*unit_bytes*/) {
    return 45e-3;
}
double w25q_program(std::uint32_t offset, std::uint32_t bytes) {
    constexpr std::uint32_t page_bytes = 256;
    double seconds = 0;
    for (const std::uint32_t end = offset + bytes; offset < end;) {
        const std::uint32_t here = std::min(page_bytes - offset % page_bytes, end - offset);
        seconds += std::min(0.4e-3, 30e-6 + (here - 1) * 2.5e-6) + (4 + here) * 8 / 50e6;
        offset += here;
    }
    return seconds;
}

// Slots that one image of 256 KB fills. Slot B of a swap has a unit more. Where there is one slot, it is larger by a
// quarter, or by one erase unit.
constexpr std::array<TimedPart, 3> parts{{
    {"nRF52840", R"(
name = "internal"
address = 0x00000000
size = "1M"
erase_unit = "4K"
granule = 4
erased = 0xFF
reprogram_same = true
rated_cycles = 10000
)",
     "boot 0 32K, slot_a 32K 256K, slot_b 288K 256K, journal 992K 16K",
     "boot 0 32K, slot_a 32K 256K, slot_b 288K 260K, journal 992K 16K",
     "boot 0 32K, slot_a 32K 320K, patch 352K 128K, journal 992K 16K", nrf52840_erase, nrf52840_program},
    {"STM32F407", R"(
name = "internal"
address = 0x08000000
size = "1M"
erase_map = [{units = 4, size = "16K"}, {units = 1, size = "64K"}, {units = 7, size = "128K"}]
granule = 4
erased = 0xFF
reprogram_same = true
rated_cycles = 10000
)",
     "boot 0 32K, journal 32K 224K, slot_a 256K 256K, slot_b 512K 256K",
     "boot 0 32K, journal 32K 224K, slot_a 256K 256K, slot_b 512K 384K",
     "boot 0 32K, journal 32K 224K, slot_a 256K 384K, patch 640K 384K", stm32f407_erase, stm32f407_program},
    {"SPI NOR", R"(
name = "spinor"
address = 0x00000000
size = "8M"
erase_unit = "4K"
granule = 1
erased = 0xFF
reprogram_same = true
rated_cycles = 100000
)",
     "boot 0 64K, slot_a 64K 256K, slot_b 320K 256K, journal 1M 16K",
     "boot 0 64K, slot_a 64K 256K, slot_b 320K 260K, journal 1M 16K",
     "boot 0 64K, slot_a 64K 320K, patch 384K 128K, journal 1M 16K", w25q_erase, w25q_program},
}};

}  // namespace

std::span<const TimedPart> timed_parts() {
    return parts;
}

}  // namespace sb::bench
