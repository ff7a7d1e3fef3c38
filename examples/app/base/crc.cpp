#include "base/crc.hpp"

#include <array>

namespace app {
namespace {

template <class T>
consteval std::array<T, 256> table(T reflected_polynomial) {
    std::array<T, 256> t{};
    for (unsigned i = 0; i < 256; ++i) {
        T c = static_cast<T>(i);
        for (int bit = 0; bit < 8; ++bit) c = static_cast<T>((c >> 1) ^ ((c & 1) ? reflected_polynomial : T{0}));
        t[i] = c;
    }
    return t;
}

constexpr auto crc32_table = table<std::uint32_t>(0xedb88320);
constexpr auto crc16_table = table<std::uint16_t>(0xa001);

}  // namespace

std::uint32_t crc32(Bytes data, std::uint32_t crc) {
    crc = ~crc;
    for (const std::uint8_t b : data) crc = (crc >> 8) ^ crc32_table[(crc ^ b) & 0xff];
    return ~crc;
}

std::uint16_t crc16_modbus(Bytes data) {
    std::uint16_t crc = 0xffff;
    for (const std::uint8_t b : data) crc = static_cast<std::uint16_t>((crc >> 8) ^ crc16_table[(crc ^ b) & 0xff]);
    return crc;
}

}  // namespace app
