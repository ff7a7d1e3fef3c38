// ports/template: the flash of the part behind core's interface (core/flash/flash.hpp says what each function
// promises). (yours) A part with two kinds of flash has two drivers. None of them reads back what it wrote: core does.
#pragma once

#include "core/flash/flash.hpp"

namespace sb::template_board {

class InternalFlash final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;
};

}  // namespace sb::template_board
