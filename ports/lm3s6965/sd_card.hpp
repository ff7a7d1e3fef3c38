// ports/lm3s6965: an SD card in SPI mode behind SSI 0: blocks of 512 bytes, read and written one at a time. The card is
// brought up with the first use, and anew after a failure. Every wait has a bound. Checksums of blocks are not asked
// for: whoever reads verifies what it reads, and core reads back what it writes. Source of facts: SD Specifications
// Part 1, Physical Layer Simplified Specification 9.10, chapter 7 "SPI Mode".
#pragma once

#include "core/link/fat/block_source.hpp"

namespace sb::lm3s6965 {

class SdCard final : public BlockSource {
public:
    [[nodiscard]] Result<void> read_block(std::uint32_t number, CardBlock& out) override;
    /// Over whatever stands there. Answers when the card has done it. Errors: io.
    [[nodiscard]] Result<void> write_block(std::uint32_t number, const CardBlock& block);
    /// Another number for each time the card was brought up; 0: it is not, and the next one may be another card.
    [[nodiscard]] std::uint32_t presence() const { return ready_ ? times_up_ : 0; }

private:
    [[nodiscard]] bool bring_up();
    [[nodiscard]] bool prepare();
    [[nodiscard]] bool read(std::uint32_t number, CardBlock& out) const;
    [[nodiscard]] bool write(std::uint32_t number, const CardBlock& block) const;
    /// What commands name the block by: older cards count bytes.
    [[nodiscard]] std::uint32_t place_of(std::uint32_t number) const {
        return counts_blocks_ ? number : number * card_block_bytes;
    }

    bool ready_ = false;
    bool counts_blocks_ = false;
    std::uint32_t times_up_ = 0;
};

}  // namespace sb::lm3s6965
