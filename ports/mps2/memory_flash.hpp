// ports/mps2: RAM in the place of flash. This board has no flash that a program can write: its controller loads SSRAM1
// from a card when power comes on, and the PSRAM forgets. The emulator can keep the PSRAM in a file, which outlives it;
// then it is flash as far as this driver keeps the rules of NOR: erasing sets a page to FF, programming only clears
// bits, what is not aligned is refused.
// It shows how a bootloader, a watchdog and power cuts work together. It shows nothing of how flash cells behave: no
// operation takes time, a cut leaves whole words, nothing wears; and on the real board no image outlives the supply.
#pragma once

#include "core/flash/flash.hpp"

namespace sb::mps2 {

class MemoryFlash final : public Flash {
public:
    constexpr MemoryFlash(std::uint32_t address, const Geometry& geometry) : address_(address), geometry_(geometry) {}

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;

private:
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const;

    std::uint32_t address_;
    const Geometry& geometry_;
};

}  // namespace sb::mps2
