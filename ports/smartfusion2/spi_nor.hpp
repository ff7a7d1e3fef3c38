// ports/smartfusion2: the SPI NOR flash behind SPI 0: read by READ, programmed by pages of 256 bytes, erased by sectors
// of 64 KB. Every wait has a bound. Reading back is core's. Source of facts: S25FL129P datasheet (Spansion, 002-00648),
// chapters "Command Definitions", "AC Characteristics".
#pragma once

#include "core/flash/flash.hpp"

namespace sb::smartfusion2 {

/// Sets up the controller. Called once, before the first use.
void start_spi();

class SpiNor final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override;
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override;
};

}  // namespace sb::smartfusion2
