#include "core/flash/joined.hpp"

#include <algorithm>

namespace sb {

JoinedFlash::JoinedFlash(const Geometry& geometry, std::span<const FlashPiece> pieces) : geometry_(geometry) {
    std::ranges::copy(pieces.first(std::min(pieces.size(), pieces_.size())), pieces_.begin());
}

/// Requires: holds(offset, length), and that it is not empty.
JoinedFlash::Run JoinedFlash::run_at(std::uint32_t offset, std::size_t length) const {
    const FlashPiece* piece = pieces_.data();
    for (; offset >= piece->bytes; ++piece) offset -= piece->bytes;
    const std::uint32_t left = piece->bytes - offset;
    return {piece->part, piece->offset + offset, length < left ? static_cast<std::uint32_t>(length) : left};
}

Result<void> JoinedFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!holds(offset, out.size())) return fail(Error::out_of_range);
    Error first = Error::none;
    while (!out.empty()) {
        const Run run = run_at(offset, out.size());
        const Result<void> one = run.part->read(run.at, out.first(run.bytes));
        if (!one && first == Error::none) first = one.error();  // what lies behind is read all the same
        offset += run.bytes;
        out = out.subspan(run.bytes);
    }
    if (first != Error::none) return fail(first);
    return {};
}

Result<void> JoinedFlash::program(std::uint32_t offset, Bytes data) {
    if (!holds(offset, data.size())) return fail(Error::out_of_range);
    while (!data.empty()) {
        const Run run = run_at(offset, data.size());
        SB_TRY(run.part->program(run.at, data.first(run.bytes)));
        offset += run.bytes;
        data = data.subspan(run.bytes);
    }
    return {};
}

Result<void> JoinedFlash::erase(std::uint32_t offset) {
    if (!holds(offset, 1)) return fail(Error::out_of_range);
    const Run run = run_at(offset, 1);
    return run.part->erase(run.at);
}

Result<bool> JoinedFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!holds(offset, length)) return fail(Error::out_of_range);
    while (length != 0) {
        const Run run = run_at(offset, length);
        SB_TRY_ASSIGN(const bool blank, run.part->is_blank(run.at, run.bytes));
        if (!blank) return false;
        offset += run.bytes;
        length -= run.bytes;
    }
    return true;
}

}  // namespace sb
