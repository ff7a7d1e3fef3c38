// A record behind the vector table that says how long the image is and what its CRC-32 must be. The build fills
// it in (scripts/stamp_image.py); the self-test checks it.
#pragma once

#include <cstdint>

#include "selftest/selftest.hpp"

namespace app::nrf51 {

struct ImageInfo {
    std::uint32_t magic;
    std::uint32_t length;  ///< bytes of the whole image
    std::uint32_t crc;     ///< CRC-32 of the image without this word
    std::uint8_t version[4];
};

inline constexpr std::uint32_t image_info_magic = 0x46494a46;  // "FJIF"

/// The running image in the two parts around its CRC word.
[[nodiscard]] TestBench::Image running_image();

}  // namespace app::nrf51
