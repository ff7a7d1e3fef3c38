// tools/layout: a flash part of which only the geometry is known, to ask the core's rooms what they make of it.
#pragma once

#include "tools/layout/layout.hpp"

namespace sb::layout {

class GeometryFlash final : public Flash {
public:
    /// `part` must outlive it.
    explicit GeometryFlash(const Part& part) : geometry_(geometry_of(part)) {}

    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t, MutableBytes) override { return fail(Error::io); }
    [[nodiscard]] Result<void> program(std::uint32_t, Bytes) override { return fail(Error::io); }
    [[nodiscard]] Result<void> erase(std::uint32_t) override { return fail(Error::io); }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t, std::uint32_t) override { return fail(Error::io); }

private:
    Geometry geometry_;
};

}  // namespace sb::layout
