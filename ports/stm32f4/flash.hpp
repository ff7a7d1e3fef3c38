// ports/stm32f4: the flash of an STM32F405 or F407: words are written, sectors of 16, 64 and 128 KB erased. The
// processor stands still meanwhile when it reads flash. The caches of the flash stay off, as they are after a reset:
// the datasheet has them emptied after each erase.
#pragma once

#include "core/flash/flash.hpp"

namespace sb::stm32f4 {

class InternalFlash final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;
};

}  // namespace sb::stm32f4
