// core/flash: a region is a range of whole erase units of one part; the only way the other rooms reach flash.
// Offsets are bytes from the start of the region. A region never lets a caller out of its bounds.
#pragma once

#include "core/flash/flash.hpp"

namespace sb {

class Region {
public:
    constexpr Region() = default;
    /// Requires: [offset, offset + bytes) lies in `flash` and starts and ends at erase-unit boundaries.
    constexpr Region(Flash& flash, std::uint32_t offset, std::uint32_t bytes)
        : flash_(&flash), offset_(offset), bytes_(bytes) {}

    [[nodiscard]] constexpr std::uint32_t bytes() const { return bytes_; }
    /// Bytes from the start of the part.
    [[nodiscard]] constexpr std::uint32_t offset() const { return offset_; }
    [[nodiscard]] std::uint32_t granule() const { return flash_->geometry().granule; }
    [[nodiscard]] const Geometry& geometry() const { return flash_->geometry(); }
    [[nodiscard]] bool valid() const { return flash_ != nullptr; }

    /// What lies from `offset` on. Requires: `offset` is the start of an erase unit and <= bytes().
    [[nodiscard]] Region from(std::uint32_t offset) const {
        Region rest = *this;
        rest.offset_ += offset;
        rest.bytes_ -= offset;
        return rest;
    }

    /// The erase unit that holds `offset`, its offset counted from the start of the region. Requires: offset < bytes().
    [[nodiscard]] EraseUnit unit_at(std::uint32_t offset) const;

    /// As Flash::read, Flash::program, Flash::erase, Flash::is_blank. Errors: out_of_range besides theirs.
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) const;
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) const;
    [[nodiscard]] Result<void> erase(std::uint32_t offset) const;
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) const;

private:
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t length) const {
        return flash_ != nullptr && offset <= bytes_ && length <= bytes_ - offset;
    }

    Flash* flash_ = nullptr;
    std::uint32_t offset_ = 0;
    std::uint32_t bytes_ = 0;
};

}  // namespace sb
