#include "sim/prove/slot_flash.hpp"

#include <algorithm>

namespace sb::prove {

SlotFlash::SlotFlash(const Shape& shape, const Abstract& reading, Fill fill)
    : shape_(shape), map_{{shape.pages, shape.records * record_bytes}}, bytes_(shape.slots() * record_bytes, 0xFF) {
    geometry_.erase_map = map_;
    geometry_.bytes = static_cast<std::uint32_t>(bytes_.size());
    geometry_.granule = record_bytes;
    for (std::uint32_t i = 0; i < shape.slots(); ++i) {
        const Slot& s = reading.slot[i];
        const MutableBytes to = MutableBytes(bytes_).subspan(i * record_bytes, record_bytes);
        if (s.record()) fill(s, to);
        if (s.cell == Cell::junk) std::fill(to.begin(), to.end(), std::uint8_t{0x00});
    }
}

Result<void> SlotFlash::read(std::uint32_t offset, MutableBytes out) {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return fail(Error::out_of_range);
    std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
}

Result<void> SlotFlash::program(std::uint32_t offset, Bytes data) {
    if (offset % record_bytes != 0 || data.size() != record_bytes) return fail(Error::unaligned);
    Operation op;
    op.kind = Operation::Kind::program;
    op.slot = static_cast<std::uint8_t>(offset / record_bytes);
    const RecordKey key = record_key(data);
    op.record = {Cell::valid, static_cast<std::uint8_t>(key.session), static_cast<std::uint8_t>(key.index), data[48]};
    log.push_back(op);
    std::memcpy(bytes_.data() + offset, data.data(), data.size());
    return {};
}

Result<void> SlotFlash::erase(std::uint32_t offset) {
    const std::uint32_t page = shape_.records * record_bytes;
    if (offset % page != 0) return fail(Error::unaligned);
    Operation op;
    op.slot = static_cast<std::uint8_t>(offset / record_bytes);
    log.push_back(op);
    std::fill_n(bytes_.begin() + offset, page, std::uint8_t{0xFF});
    return {};
}

Result<bool> SlotFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    return std::all_of(bytes_.begin() + offset, bytes_.begin() + offset + length,
                       [](std::uint8_t b) { return b == 0xFF; });
}

}  // namespace sb::prove
