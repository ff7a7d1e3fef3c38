// bench/install: a flash part that costs nothing but the copying of its bytes, so that what is measured is the pipe.
#pragma once

#include <algorithm>
#include <vector>

#include "core/flash/flash.hpp"

namespace sb::bench {

class PlainFlash final : public Flash {
public:
    static constexpr std::uint32_t unit_bytes = 4096;

    explicit PlainFlash(std::uint32_t units)
        : cells_(std::size_t{units} * unit_bytes, std::uint8_t{0xFF}),
          run_{units, unit_bytes},
          geometry_{.erase_map = {&run_, 1}, .bytes = units * unit_bytes} {}
    PlainFlash(const PlainFlash&) = delete;
    PlainFlash& operator=(const PlainFlash&) = delete;

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        copy(out, Bytes(cells_).subspan(offset, out.size()));
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        copy(MutableBytes(cells_).subspan(offset), data);
        return {};
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        std::ranges::fill(MutableBytes(cells_).subspan(offset, unit_bytes), geometry_.erased);
        return {};
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return std::ranges::all_of(Bytes(cells_).subspan(offset, length),
                                   [this](std::uint8_t byte) { return byte == geometry_.erased; });
    }

private:
    std::vector<std::uint8_t> cells_;
    EraseRun run_;
    Geometry geometry_;
};

}  // namespace sb::bench
