#include "core/base/crc32.hpp"

namespace sb {

namespace {

// Sixteen entries instead of 256: 64 bytes of table, two steps a byte.
constexpr std::array<std::uint32_t, 16> nibble_table = [] {
    std::array<std::uint32_t, 16> t{};
    for (std::uint32_t i = 0; i < 16; ++i) {
        std::uint32_t c = i;
        for (int k = 0; k < 4; ++k) c = (c & 1U) != 0 ? (c >> 1) ^ 0xEDB88320U : c >> 1;
        t[i] = c;
    }
    return t;
}();

}  // namespace

std::uint32_t crc32(Bytes data, std::uint32_t crc) {
    crc = ~crc;
    for (const std::uint8_t byte : data) {
        crc ^= byte;
        crc = (crc >> 4) ^ nibble_table[crc & 15U];
        crc = (crc >> 4) ^ nibble_table[crc & 15U];
    }
    return ~crc;
}

}  // namespace sb
