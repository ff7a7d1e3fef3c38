// core/flash: memory that behaves as flash: for a journal whose records need not outlast a reset, and for what has no
// flash at hand. An erase costs nothing and wears nothing.
#pragma once

#include <algorithm>

#include "core/flash/flash.hpp"

namespace sb {

class RamFlash final : public Flash {
public:
    /// `memory` holds whole units of `unit_bytes`. It is erased.
    RamFlash(MutableBytes memory, std::uint32_t unit_bytes)
        : memory_(memory), run_{static_cast<std::uint32_t>(memory.size()) / unit_bytes, unit_bytes} {
        geometry_.erase_map = {&run_, 1};
        geometry_.bytes = run_.units * unit_bytes;
        std::ranges::fill(memory_, geometry_.erased);
    }
    RamFlash(const RamFlash&) = delete;
    RamFlash& operator=(const RamFlash&) = delete;

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (!holds(offset, out.size())) return fail(Error::out_of_range);
        copy(out, Bytes(memory_).subspan(offset, out.size()));
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        if (!holds(offset, data.size())) return fail(Error::out_of_range);
        copy(memory_.subspan(offset), data);
        return {};
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        if (!holds(offset, run_.unit_bytes)) return fail(Error::out_of_range);
        std::ranges::fill(memory_.subspan(offset, run_.unit_bytes), geometry_.erased);
        return {};
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        if (!holds(offset, length)) return fail(Error::out_of_range);
        return std::ranges::all_of(Bytes(memory_).subspan(offset, length),
                                   [this](std::uint8_t byte) { return byte == geometry_.erased; });
    }

private:
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const {
        return offset <= geometry_.bytes && length <= geometry_.bytes - offset;
    }

    MutableBytes memory_;
    EraseRun run_;
    Geometry geometry_;
};

}  // namespace sb
