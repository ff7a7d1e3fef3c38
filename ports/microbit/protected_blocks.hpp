// ports/microbit: what the nRF51's MPU is told to protect. It knows blocks of 4 KB, the layout pages of 1 KB: a block
// that does not lie in one region as a whole stays open, as something else may have to be written there.
#pragma once

#include <array>
#include <cstdint>

namespace sb::microbit::mpu {

/// As PROTENSET0 and PROTENSET1 take them: bit n % 32 of word n / 32 is block n.
struct Blocks {
    static constexpr std::uint32_t block_bytes = 4096;

    std::array<std::uint32_t, 2> bits{};

    /// Requires: the range lies in the first 256 KB.
    constexpr void add(std::uint32_t offset, std::uint32_t bytes) {
        const std::uint32_t end = (offset + bytes) / block_bytes;
        for (std::uint32_t block = (offset + block_bytes - 1) / block_bytes; block < end; ++block)
            bits[block / 32] |= std::uint32_t{1} << block % 32;
    }
};

}  // namespace sb::microbit::mpu
