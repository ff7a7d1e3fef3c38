// core/flash: the first bytes of a region as a Reader, e.g. the image that a slot holds.
#pragma once

#include "core/base/reader.hpp"
#include "core/flash/region.hpp"

namespace sb {

class RegionReader final : public Reader {
public:
    /// Shows `bytes` bytes of `region` (at most all of it).
    RegionReader(const Region& region, std::uint32_t bytes)
        : region_(region), bytes_(bytes < region.bytes() ? bytes : region.bytes()) {}
    explicit RegionReader(const Region& region) : RegionReader(region, region.bytes()) {}

    [[nodiscard]] std::uint32_t bytes() const override { return bytes_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        if (offset > bytes_ || out.size() > bytes_ - offset) return fail(Error::out_of_range);
        return region_.read(offset, out);
    }

private:
    Region region_;
    std::uint32_t bytes_;
};

}  // namespace sb
