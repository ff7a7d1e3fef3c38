#include "core/install/slot_writer.hpp"

#include <algorithm>

namespace sb {

Result<void> SlotWriter::start(std::uint32_t image_bytes, std::uint32_t kept) {
    if (image_bytes > slot_.bytes() || kept > image_bytes) return fail(Error::out_of_range);
    image_bytes_ = image_bytes;
    written_ = kept;
    staged_ = 0;
    erased_to_ = kept;
    if (kept == image_bytes) return {};
    const EraseUnit unit = slot_.unit_at(kept);
    if (unit.offset == kept) return {};
    if (!slot_.geometry().reprogram_same || kept % slot_.granule() != 0) return fail(Error::unaligned);
    erased_to_ = unit.offset + unit.bytes;
    return {};
}

MutableBytes SlotWriter::room() {
    const std::uint32_t at = written_ + staged_;
    if (at >= image_bytes_) return {};
    const EraseUnit unit = slot_.unit_at(at);
    const std::uint32_t limit = std::min(unit.offset + unit.bytes, image_bytes_);
    return stage_.subspan(staged_, std::min(stage_bytes - staged_, limit - at));
}

Result<void> SlotWriter::advance(std::size_t count) {
    const bool reached_the_end = count == room().size();
    staged_ += static_cast<std::uint32_t>(count);
    if (staged_ == 0 || !reached_the_end) return {};
    return flush();
}

Result<void> SlotWriter::flush() {
    while (written_ >= erased_to_) {
        const EraseUnit unit = slot_.unit_at(erased_to_);
        SB_TRY(slot_.erase(unit.offset));
        erased_to_ = unit.offset + unit.bytes;
    }
    const std::uint32_t granule = slot_.granule();
    const std::uint32_t padded = (staged_ + granule - 1) / granule * granule;
    std::ranges::fill(stage_.subspan(staged_, padded - staged_), slot_.geometry().erased);
    const Bytes data = stage_.first(padded);
    SB_TRY(slot_.program(written_, data));
    SB_TRY(read_back(data));
    written_ += staged_;
    staged_ = 0;
    return {};
}

Result<void> SlotWriter::read_back(Bytes expected) const {
    std::array<std::uint8_t, 128> seen;
    for (std::uint32_t at = 0; at < expected.size(); at += static_cast<std::uint32_t>(seen.size())) {
        const Bytes piece = expected.subspan(at, std::min<std::size_t>(seen.size(), expected.size() - at));
        const MutableBytes read = MutableBytes(seen).first(piece.size());
        const Result<void> done = slot_.read(written_ + at, read);
        if (!done && done.error() != Error::unreadable) return done;
        if (!done || !equal(read, piece)) return fail(Error::readback);
    }
    return {};
}

Result<void> SlotWriter::read(std::uint32_t offset, MutableBytes out) const {
    // from the stage first, then what is left from flash
    while (!out.empty() && offset + out.size() > written_) {
        const auto last = static_cast<std::uint32_t>(offset + out.size() - 1 - written_);
        if (last >= staged_) return fail(Error::out_of_range);
        out.back() = stage_[last];
        out = out.first(out.size() - 1);
    }
    return slot_.read(offset, out);
}

bool SlotWriter::resumable() const {
    if (staged_ != 0) return false;
    if (written_ == image_bytes_ || slot_.unit_at(written_).offset == written_) return true;
    return slot_.geometry().reprogram_same && written_ % slot_.granule() == 0;
}

}  // namespace sb
