#include "sim/powercut/geometries.hpp"

#include <algorithm>

namespace sb::sim {

std::span<const BoardSpec> geometries() {
    static const std::vector<BoardSpec> specs = {
        {.name = "1K-g4", .unit_bytes = 1024, .slot_units = 30, .granule = 4},
        {.name = "512-g1", .unit_bytes = 512, .slot_units = 62, .granule = 1},
        {.name = "4K-g2", .unit_bytes = 4096, .slot_units = 6, .granule = 2},
        {.name = "1K-g8-erased00", .unit_bytes = 1024, .slot_units = 30, .granule = 8, .erased = 0x00},
        {.name = "1K-g4-once", .unit_bytes = 1024, .slot_units = 30, .granule = 4, .reprogram_same = false},
        {.name = "2K-g16-ecc",
         .unit_bytes = 2048,
         .slot_units = 14,
         .granule = 16,
         .ecc = true,
         .reprogram_same = false},
        {.name = "2K-g32-ecc-blind",
         .unit_bytes = 2048,
         .slot_units = 14,
         .granule = 32,
         .ecc = true,
         .erased_readable = false,
         .reprogram_same = false},
        {.name = "4K-g512", .unit_bytes = 4096, .slot_units = 6, .granule = 512},
        // An STM32F407 in small: sectors of 16, 64 and 128 KB divided by 16. Exchanged in units of 8 KB.
        {.name = "uneven-g4",
         .unit_bytes = 1024,
         .granule = 4,
         .slot_a = {{4, 1024}, {1, 4096}, {2, 8192}},
         .slot_b = {{4, 8192}},
         .journal = {{4, 1024}},
         .swap_unit = 8192},
        // A build for each slot, as an nRF52840 needs them.
        {.name = "1K-g4-bound", .unit_bytes = 1024, .slot_units = 30, .granule = 4, .remap = false},
        {.name = "16K-g4", .unit_bytes = 16'384, .slot_units = 2, .granule = 4},
        {.name = "128K-g32-ecc",
         .unit_bytes = 131'072,
         .slot_units = 1,
         .granule = 32,
         .ecc = true,
         .reprogram_same = false},
    };
    return specs;
}

std::span<const BoardSpec> small_geometries() {
    static const std::vector<BoardSpec> specs = {
        {.name = "small-1K-g4", .unit_bytes = 1024, .slot_units = 6, .granule = 4},
        {.name = "small-1K-g4-bound", .unit_bytes = 1024, .slot_units = 6, .granule = 4, .remap = false},
        {.name = "small-512-g1", .unit_bytes = 512, .slot_units = 10, .granule = 1},
        {.name = "small-1K-g8-erased00", .unit_bytes = 1024, .slot_units = 6, .granule = 8, .erased = 0x00},
        {.name = "small-2K-g16-ecc",
         .unit_bytes = 2048,
         .slot_units = 3,
         .granule = 16,
         .ecc = true,
         .reprogram_same = false},
        {.name = "small-2K-g32-ecc-blind",
         .unit_bytes = 2048,
         .slot_units = 3,
         .granule = 32,
         .ecc = true,
         .erased_readable = false,
         .reprogram_same = false},
    };
    return specs;
}

const BoardSpec* find_geometry(std::string_view name) {
    for (const auto& table : {geometries(), small_geometries()}) {
        const auto spec = std::ranges::find(table, name, &BoardSpec::name);
        if (spec != table.end()) return &*spec;
    }
    return nullptr;
}

std::uint32_t suggested_body_bytes(const BoardSpec& spec) {
    const BoardMap map = board_map(spec);
    const std::uint32_t a = map.slots[0].bytes;
    const std::uint32_t slot = has_one_slot(spec.scheme) ? a : std::min(a, map.slots[1].bytes - swap_unit_of(spec));
    return std::clamp<std::uint32_t>(slot * 11 / 20 - 700, 2000, 20'000);
}

}  // namespace sb::sim
