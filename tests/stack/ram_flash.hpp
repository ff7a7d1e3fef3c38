// tests/stack: a flash part in RAM, with NOR's rule that programming only clears bits. It takes next to no stack.
#pragma once

#include <algorithm>

#include "core/flash/flash.hpp"

namespace sb::stack {

class RamFlash final : public Flash {
public:
    static constexpr std::uint32_t unit_bytes = 4096;

    /// Requires: cells.size() is a multiple of unit_bytes.
    explicit constexpr RamFlash(MutableBytes cells)
        : cells_(cells), run_{static_cast<std::uint32_t>(cells.size() / unit_bytes), unit_bytes} {
        geometry_.erase_map = {&run_, 1};
        geometry_.bytes = static_cast<std::uint32_t>(cells.size());
    }
    RamFlash(const RamFlash&) = delete;
    RamFlash& operator=(const RamFlash&) = delete;

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        copy(out, cells_.subspan(offset, out.size()));
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        for (std::size_t i = 0; i < data.size(); ++i) cells_[offset + i] &= data[i];
        return {};
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        std::ranges::fill(cells_.subspan(offset, unit_bytes), geometry_.erased);
        return {};
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return std::ranges::all_of(cells_.subspan(offset, length), [this](auto b) { return b == geometry_.erased; });
    }

    /// A part from the factory: erased, with `data` at its start.
    void load(Bytes data) {
        std::ranges::fill(cells_, geometry_.erased);
        copy(cells_, data);
    }

private:
    MutableBytes cells_;
    EraseRun run_;
    Geometry geometry_;
};

}  // namespace sb::stack
