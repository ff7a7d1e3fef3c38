// ports/smartfusion2: the eNVM, where the bootloader and its identity stand: memory that programs only read.
#pragma once

#include "core/flash/flash.hpp"
#include "generated/board.hpp"

namespace sb::smartfusion2 {

class EnvmFlash final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override { return board::flash_envm::geometry; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (!holds(offset, out.size())) return fail(Error::out_of_range);
        copy(out, cells(offset, out.size()));
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t /*offset*/, Bytes /*data*/) override { return fail(Error::io); }
    [[nodiscard]] Result<void> erase(std::uint32_t /*offset*/) override { return fail(Error::io); }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        if (!holds(offset, length)) return fail(Error::out_of_range);
        for (const std::uint8_t cell : cells(offset, length)) {
            if (cell != geometry().erased) return false;
        }
        return true;
    }

private:
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const {
        return offset <= geometry().bytes && length <= geometry().bytes - offset;
    }
    [[nodiscard]] static Bytes cells(std::uint32_t offset, std::size_t length) {
        const std::uint32_t address = board::flash_envm::address + offset;
        return {reinterpret_cast<const std::uint8_t*>(address), length};  // NOLINT(performance-no-int-to-ptr)
    }
};

}  // namespace sb::smartfusion2
