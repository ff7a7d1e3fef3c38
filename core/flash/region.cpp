#include "core/flash/region.hpp"

namespace sb {

EraseUnit Geometry::unit_at(std::uint32_t offset) const {
    std::uint32_t start = 0;
    for (const EraseRun& run : erase_map) {
        const std::uint32_t run_bytes = run.units * run.unit_bytes;
        if (offset - start < run_bytes) {
            return {start + (offset - start) / run.unit_bytes * run.unit_bytes, run.unit_bytes};
        }
        start += run_bytes;
    }
    return {start, 0};
}

EraseUnit Region::unit_at(std::uint32_t offset) const {
    const EraseUnit unit = flash_->geometry().unit_at(offset_ + offset);
    return {unit.offset - offset_, unit.bytes};
}

Result<void> Region::read(std::uint32_t offset, MutableBytes out) const {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    return flash_->read(offset_ + offset, out);
}

Result<void> Region::program(std::uint32_t offset, Bytes data) const {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    return flash_->program(offset_ + offset, data);
}

Result<void> Region::erase(std::uint32_t offset) const {
    if (offset >= bytes_ || !holds(0, 0)) return fail(Error::out_of_range);
    return flash_->erase(offset_ + offset);
}

Result<bool> Region::is_blank(std::uint32_t offset, std::uint32_t length) const {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    return flash_->is_blank(offset_ + offset, length);
}

}  // namespace sb
