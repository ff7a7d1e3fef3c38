// ports: flash that the processor reads as memory and that no program writes: where a bootloader and its identity stand
// that are never updated.
#pragma once

#include <algorithm>

#include "core/flash/flash.hpp"

namespace sb {

class RomFlash final : public Flash {
public:
    /// `geometry` must outlive it.
    constexpr RomFlash(std::uint32_t address, const Geometry& geometry) : address_(address), geometry_(geometry) {}

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (!holds(offset, out.size())) return fail(Error::out_of_range);
        copy(out, cells(offset, out.size()));
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t /*offset*/, Bytes /*data*/) override { return fail(Error::io); }
    [[nodiscard]] Result<void> erase(std::uint32_t /*offset*/) override { return fail(Error::io); }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        if (!holds(offset, length)) return fail(Error::out_of_range);
        return std::ranges::all_of(cells(offset, length),
                                   [this](std::uint8_t cell) { return cell == geometry_.erased; });
    }

private:
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const {
        return offset <= geometry_.bytes && length <= geometry_.bytes - offset;
    }
    [[nodiscard]] Bytes cells(std::uint32_t offset, std::size_t length) const {
        return {reinterpret_cast<const std::uint8_t*>(address_ + offset), length};  // NOLINT(performance-no-int-to-ptr)
    }

    std::uint32_t address_;
    const Geometry& geometry_;
};

}  // namespace sb
