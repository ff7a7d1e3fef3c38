// ports/microbit: the flash of an nRF51822 behind its controller (NVMC): words are written, pages of 1 KB erased. The
// processor stands still while a page is erased. Reading back is core's.
#pragma once

#include "core/flash/flash.hpp"

namespace sb::microbit {

class NvmcFlash final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;
};

}  // namespace sb::microbit
