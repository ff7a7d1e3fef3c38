// Strength of one frequency in a block of samples (Goertzel): finds the 100 Hz hum of a compressor whose
// bearings wear, without a Fourier transform.
#pragma once

#include <cstdint>

namespace app {

class Goertzel {
public:
    /// `two_cosine_q14` = 2·cos(2π·f/fs) in Q14; a block of at most 256 samples of at most 12 bits.
    Goertzel(std::int32_t two_cosine_q14, std::uint16_t block) : coefficient_(two_cosine_q14), block_(block) {}

    /// Takes a sample in. True when a block is complete and `amplitude()` is new.
    bool step(std::int32_t sample);
    /// Amplitude of the frequency in the last complete block, in the samples' unit.
    [[nodiscard]] std::uint32_t amplitude() const { return amplitude_; }

private:
    std::int32_t coefficient_;
    std::int32_t s1_ = 0, s2_ = 0;
    std::uint16_t block_;
    std::uint16_t count_ = 0;
    std::uint32_t amplitude_ = 0;
};

}  // namespace app
