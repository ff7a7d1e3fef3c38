// tools/diff: what a VCDIFF instruction costs, in bits. As it is spelled, that is a matter of counting bytes; where
// sections are packed afterwards, prices are learnt from a patch that was made before.
#pragma once

#include <array>
#include <cstdint>

#include "tools/diff/vcdiff_steps.hpp"

namespace sb::diff {

struct VcdiffPrices {
    std::array<float, 256> literal{};  ///< by byte
    std::array<float, 18> add{};       ///< the code of an ADD by its size; [0]: of all sizes that follow the code
    std::array<float, 19> copy{};      ///< the same of a COPY
    std::array<float, 33> size{};      ///< a size that follows its code, by the number of its bits
    float run = 0;                     ///< the code of a RUN
    /// Sections are packed, and addresses are spelled by their distance: then what counts is how new the shift
    /// (old place minus new place) of a copy is. Else: addresses cost 8 bits a byte.
    bool packed = false;
    float same_shift = 0;    ///< that of the copy before
    float recent_shift = 0;  ///< one of the last few
    float close_shift = 0;   ///< not far from that of the copy before
    float new_shift = 0;

    [[nodiscard]] float add_price(std::size_t bytes) const;
    /// `added` bytes were added just before.
    [[nodiscard]] float copy_price(std::size_t bytes, std::size_t added) const;
    [[nodiscard]] float run_price(std::size_t bytes, std::uint8_t byte) const;
};

/// How far a shift may be from the one before to count as close.
inline constexpr std::int64_t close_shift_bytes = 1024;

/// What codes of 8 bits, sizes and addresses of whole bytes cost.
[[nodiscard]] VcdiffPrices spelled_prices();

/// A first guess of what they cost once they are packed.
[[nodiscard]] VcdiffPrices guessed_prices(Bytes new_image);

/// What the steps of a patch cost whose sections took so many bytes once they were packed.
[[nodiscard]] VcdiffPrices learnt_prices(Bytes new_image, const VcdiffSteps& steps, std::size_t data_bytes,
                                         std::size_t instruction_bytes, std::size_t address_bytes);

}  // namespace sb::diff
