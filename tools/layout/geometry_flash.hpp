// tools/layout: a flash part of which only the geometry is known, to ask the core's rooms what they make of it.
#pragma once

#include "tools/layout/check.hpp"

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

/// The flash map of a layout whose parts are only looked at.
class GeometryMap {
public:
    /// Requires: check() accepted `layout`, which must outlive it.
    explicit GeometryMap(const Layout& layout) : parts_(layout.parts.begin(), layout.parts.end()) {
        std::vector<Flash*> flashes;
        flashes.reserve(parts_.size());
        for (GeometryFlash& part : parts_) flashes.push_back(&part);
        map_ = flash_map(layout, flashes);
    }
    GeometryMap(const GeometryMap&) = delete;
    GeometryMap& operator=(const GeometryMap&) = delete;

    [[nodiscard]] const FlashMap& map() const { return map_; }

private:
    std::vector<GeometryFlash> parts_;
    FlashMap map_;
};

}  // namespace sb::layout
