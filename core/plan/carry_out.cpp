#include "core/plan/carry_out.hpp"

#include <algorithm>

namespace sb {

namespace {

Result<void> erase(const Region& region, std::uint32_t offset, std::uint32_t bytes) {
    for (std::uint32_t at = offset; at < offset + bytes;) {
        const EraseUnit unit = region.unit_at(at);
        SB_TRY(region.erase(unit.offset));
        at = unit.offset + unit.bytes;
    }
    return {};
}

bool reads_as(const Region& region, std::uint32_t offset, Bytes expected) {
    std::array<std::uint8_t, 64> seen;
    for (std::size_t at = 0; at < expected.size(); at += seen.size()) {
        const Bytes piece = expected.subspan(at, std::min(seen.size(), expected.size() - at));
        const MutableBytes read = MutableBytes(seen).first(piece.size());
        if (!region.read(offset + static_cast<std::uint32_t>(at), read) || !equal(read, piece)) return false;
    }
    return true;
}

/// On a part whose blanks do not read, a granule of erased bytes is one that was programmed so.
bool needs_programming(const Region& to, Bytes data) {
    const Geometry& part = to.geometry();
    return !part.erased_readable || !std::ranges::all_of(data, [&](std::uint8_t byte) { return byte == part.erased; });
}

Result<void> put(const Step& step, std::uint32_t at, Bytes piece) {
    if (!needs_programming(step.to, piece)) return {};
    SB_TRY(step.to.program(step.to_offset + at, piece));
    return reads_as(step.to, step.to_offset + at, piece) ? Result<void>{} : fail(Error::readback);
}

/// Reads `granule`, one of the target, without what does not read or is not there: on a part whose blanks do not read
/// the end of an image may share it with them. False: nothing of it reads.
Result<bool> read_what_reads(const Step& step, std::uint32_t at, MutableBytes granule) {
    const std::size_t unit = std::min<std::size_t>(step.from.granule(), granule.size());
    bool any = false;
    for (std::size_t i = 0; i < granule.size(); i += unit) {
        const MutableBytes part = granule.subspan(i, unit);
        const Result<void> read = step.from.read(step.from_offset + at + static_cast<std::uint32_t>(i), part);
        if (!read && read.error() != Error::unreadable && read.error() != Error::out_of_range)
            return fail(read.error());
        if (!read) std::ranges::fill(part, step.to.geometry().erased);
        any = any || read;
    }
    return any;
}

/// Copies `piece.size()` bytes; where that does not read, granule by granule.
Result<void> copy_piece(const Step& step, std::uint32_t at, MutableBytes piece) {
    const Result<void> read = step.from.read(step.from_offset + at, piece);
    if (read) return put(step, at, piece);
    if (read.error() != Error::unreadable && read.error() != Error::out_of_range) return read;
    const std::uint32_t granule = step.to.granule();
    for (std::uint32_t i = 0; i < piece.size(); i += granule) {
        SB_TRY_ASSIGN(const bool any, read_what_reads(step, at + i, piece.subspan(i, granule)));
        if (any) SB_TRY(put(step, at + i, piece.subspan(i, granule)));
    }
    return {};
}

}  // namespace

Result<void> carry_out(const Step& step, MutableBytes scratch) {
    const std::uint32_t granule = step.to.granule();
    const auto room = static_cast<std::uint32_t>(scratch.size() - scratch.size() % granule);
    if (room == 0) return fail(Error::out_of_range);
    SB_TRY(erase(step.to, step.to_offset, step.bytes));
    if (!step.from.valid()) return {};
    std::uint32_t source_ends = std::min(step.bytes, step.from.bytes() - step.from_offset);
    source_ends = (source_ends + granule - 1) / granule * granule;
    for (std::uint32_t at = 0; at < source_ends; at += room)
        SB_TRY(copy_piece(step, at, scratch.first(std::min(room, source_ends - at))));
    return {};
}

}  // namespace sb
