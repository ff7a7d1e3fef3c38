// ports/lm3s6965: an area of the SD card as flash, beside the card's FAT volume: blocks 128 to 639. Its place is fixed,
// so that nothing has to be found before anything can start, and it survives whatever becomes of the partition table. A
// card whose block 0 gives these blocks to somebody else is left alone: it reads as erased, and nothing is written.
//
// The rules of flash are kept on a medium that does not ask for them: erasing writes 0xFF, and only a block that reads
// erased is programmed.
#pragma once

#include <optional>

#include "core/flash/flash.hpp"
#include "core/link/fat/block_source.hpp"

namespace sb::lm3s6965 {

class SdCard;

class CardFlash final : public Flash {
public:
    explicit constexpr CardFlash(SdCard& card) : card_(card) {}

    [[nodiscard]] const Geometry& geometry() const override;
    /// The block that was read last is kept, until it is written.
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

private:
    [[nodiscard]] Result<void> look_at_block_0();
    [[nodiscard]] Result<void> load(std::uint32_t block);
    [[nodiscard]] Result<void> write(std::uint32_t block);

    SdCard& card_;
    CardBlock block_{};
    std::optional<std::uint32_t> loaded_{};  // the number of block_, in the area
    std::uint32_t looked_at_ = 0;            // the card's presence when its block 0 was read; 0: it was not
    bool ours_ = false;                      // whether the area is free to be used
};

}  // namespace sb::lm3s6965
