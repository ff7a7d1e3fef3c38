#include "tools/diff/sbd/segments.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace sb::diff {
namespace {

using sbd::Architecture;
using sbd::LoadSegment;

constexpr std::size_t most_segments = 16;

std::uint32_t word(Bytes image, std::size_t at) {
    return load_le<std::uint32_t>(image, at);
}

bool lies_in(Bytes image, std::uint64_t offset, std::uint64_t bytes) {
    return offset <= image.size() && bytes <= image.size() - offset;
}

/// An ELF file that is patched as it is, such as a library. Addresses above 4 GB have no place here.
LoadTable elf_table(Bytes image) {
    constexpr std::uint32_t magic = 0x464c457f;
    if (image.size() < 64 || word(image, 0) != magic || image[5] != 1) return {};
    const bool wide = image[4] == 2;
    const std::uint64_t table = wide ? load_le<std::uint64_t>(image, 32) : word(image, 28);
    const auto entry_bytes = load_le<std::uint16_t>(image, wide ? 54 : 42);
    const auto count = load_le<std::uint16_t>(image, wide ? 56 : 44);
    if (entry_bytes < (wide ? 56 : 32) || !lies_in(image, table, std::uint64_t{entry_bytes} * count)) return {};
    LoadTable found{.segments = {}, .architecture = elf_architecture(load_le<std::uint16_t>(image, 18))};
    for (std::size_t k = 0; k < count && found.segments.size() < most_segments; ++k) {
        const Bytes entry = image.subspan(static_cast<std::size_t>(table) + k * entry_bytes, entry_bytes);
        const auto field = [&](std::size_t narrow_at, std::size_t wide_at) {
            return wide ? load_le<std::uint64_t>(entry, wide_at) : word(entry, narrow_at);
        };
        const std::uint64_t offset = field(4, 8), address = field(8, 16), in_memory = field(20, 40);
        constexpr std::uint32_t load = 1;
        if (word(entry, 0) != load || in_memory == 0) continue;
        if (!lies_in(image, offset, field(16, 32))) return {};
        if (address + in_memory > std::numeric_limits<std::uint32_t>::max() || address + in_memory < address) return {};
        found.segments.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(address),
                                  static_cast<std::uint32_t>(in_memory)});
    }
    return found;
}

/// A header of 64 bytes, big endian, then the image.
LoadTable uboot_table(Bytes image) {
    constexpr std::uint32_t magic = 0x27051956, header_bytes = 64;
    if (image.size() < header_bytes || load_be<std::uint32_t>(image, 0) != magic) return {};
    const auto bytes = load_be<std::uint32_t>(image, 12);
    constexpr std::uint8_t not_packed = 0;
    if (image[31] != not_packed || !lies_in(image, header_bytes, bytes)) return {};
    LoadTable found{.segments = {{header_bytes, load_be<std::uint32_t>(image, 16), bytes}}};
    constexpr std::uint8_t arm64 = 22, riscv = 26;
    if (image[29] == arm64) found.architecture = Architecture::a64;
    if (image[29] == riscv) found.architecture = Architecture::riscv;
    return found;
}

/// Segments that follow each other, each behind 8 bytes with its address and size; empty when one of them is none.
std::vector<LoadSegment> esp_segments(Bytes image, std::size_t at, std::size_t count) {
    std::vector<LoadSegment> segments;
    for (std::size_t k = 0; k < count; ++k) {
        if (!lies_in(image, at, 8)) return {};
        const std::uint32_t address = word(image, at), bytes = word(image, at + 4);
        // Flash and RAM as code and data, and the RAM that a real time clock keeps (ESP32-S3: 0x600fe000).
        const bool plausible = (address >= 0x3c000000 && address < 0x51000000) || address >> 20 == 0x600;
        if (!plausible || !lies_in(image, at + 8, bytes)) return {};
        segments.push_back({static_cast<std::uint32_t>(at + 8), address, bytes});
        at += 8 + std::size_t{bytes};
    }
    return segments;
}

/// Chips that have a header of 24 bytes, with what they are in its bytes 12 and 13.
LoadTable esp32_table(Bytes image, std::vector<LoadSegment> segments) {
    LoadTable found{.segments = std::move(segments)};
    constexpr std::uint16_t esp32 = 0, esp32_s2 = 2, esp32_s3 = 9;
    const auto chip = load_le<std::uint16_t>(image, 12);
    if (chip == esp32 || chip == esp32_s2 || chip == esp32_s3) {
        found.architecture = Architecture::xtensa;
        found.ram_address = 0x3fc00000;
        found.ram_bytes = 0x400000;
        return found;
    }
    found.architecture = Architecture::riscv;
    // ESP32-C6, -H2 and later have one RAM for data and code, at 0x40800000; before them data had addresses of its own.
    const bool one_ram = std::ranges::any_of(found.segments, [](const auto& s) { return s.address >> 20 == 0x408; });
    found.ram_address = one_ram ? 0x40800000 : 0x3fc80000;
    found.ram_bytes = 0x80000;
    return found;
}

constexpr std::uint8_t esp_magic = 0xe9, esp8266_magic = 0xea;
constexpr std::uint32_t esp8266_flash = 0x40200000;

/// ESP8266: a header of 8 bytes. The flash is also read through addresses of its own, all of it.
LoadTable esp8266_table(std::vector<LoadSegment> segments, std::uint32_t flash_address, Bytes image) {
    LoadTable found{.segments = std::move(segments), .architecture = Architecture::xtensa};
    found.segments.push_back({0, flash_address, static_cast<std::uint32_t>(image.size())});
    found.ram_address = 0x3fc00000;
    found.ram_bytes = 0x400000;
    return found;
}

LoadTable esp_table(Bytes image) {
    if (image.size() < 64 || image[1] == 0 || image[1] > most_segments) return {};
    if (image[0] == esp_magic) {
        if (auto segments = esp_segments(image, 24, image[1]); !segments.empty()) return esp32_table(image, segments);
        auto segments = esp_segments(image, 8, image[1]);
        if (segments.empty()) return {};
        // A loader may stand in the first sector and the program, with such a header too, in the second one.
        constexpr std::size_t second = 0x1000;
        if (lies_in(image, second, 64) && image[second] == esp_magic && image[second + 1] <= most_segments)
            std::ranges::copy(esp_segments(image, second + 8, image[second + 1]), std::back_inserter(segments));
        return esp8266_table(segments, esp8266_flash, image);
    }
    // The second version: code for flash, without an address, then an image of the first version.
    if (image[0] != esp8266_magic || word(image, 8) != 0) return {};
    const std::uint64_t at = std::uint64_t{16} + word(image, 12);
    if (!lies_in(image, at, 8) || image[static_cast<std::size_t>(at)] != esp_magic) return {};
    const std::size_t first = static_cast<std::size_t>(at);
    const auto segments = esp_segments(image, first + 8, image[first + 1]);
    constexpr std::uint32_t behind_the_loader = 0x1000;
    if (segments.empty()) return {};
    return esp8266_table(segments, esp8266_flash + behind_the_loader, image);
}

/// "PHY6", a count, and from byte 16 on entries of 16 bytes: place in flash, size, address, checksum. The parts follow
/// at byte 256, as far from each other as their places in flash.
LoadTable phy6222_table(Bytes image) {
    constexpr std::uint32_t magic = 0x36594850, parts_at = 256;
    if (image.size() < parts_at || word(image, 0) != magic) return {};
    const std::uint32_t count = word(image, 4);
    if (count == 0 || count > 10) return {};
    LoadTable found{
        .segments = {}, .architecture = Architecture::thumb, .ram_address = 0x1fff0000, .ram_bytes = 0x10000};
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t entry = 16 + 16 * k;
        const std::uint32_t offset = word(image, entry) - word(image, 16) + parts_at, bytes = word(image, entry + 4);
        constexpr std::uint32_t padding = 64;  // the last part may be padded in flash only
        if (std::uint64_t{offset} + bytes > image.size() + padding) return {};
        found.segments.push_back({offset, word(image, entry + 8), bytes});
    }
    return found;
}

/// Telink's boot ROM looks for "KNLT" at byte 8. Its images run from flash, at 0.
LoadTable telink_table(Bytes image) {
    constexpr std::uint32_t mark = 0x544c4e4b;
    if (image.size() < 64 || word(image, 8) != mark) return {};
    return {.segments = {{0, 0, static_cast<std::uint32_t>(image.size()) + 4096}},
            .architecture = Architecture::tc32,
            .ram_address = 0x840000,
            .ram_bytes = 0x20000};
}

}  // namespace

Architecture elf_architecture(std::uint16_t machine) {
    switch (machine) {
        case 83:
            return Architecture::avr;
        case 94:
            return Architecture::xtensa;
        case 183:
            return Architecture::a64;
        case 243:
            return Architecture::riscv;
        default:
            return Architecture::none;
    }
}

LoadTable load_table(Bytes image) {
    if (image.size() > std::numeric_limits<std::int32_t>::max()) return {};
    for (const auto read : {elf_table, uboot_table, esp_table, phy6222_table, telink_table})
        if (LoadTable found = read(image); !found.segments.empty()) return found;
    return {};
}

}  // namespace sb::diff
