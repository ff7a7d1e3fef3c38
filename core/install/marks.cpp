#include "core/install/marks.hpp"

#include <algorithm>

#include "core/journal/record.hpp"

namespace sb {

/// The middle is where a unit begins, and behind the first one.
Marks::Marks(const Region& area) : area_(area) {
    const EraseUnit unit = area.unit_at(area.bytes() / 2);
    middle_ = unit.offset != 0 ? unit.offset : unit.bytes;
}

/// A mark is a record of the journal whose session is the mark's number.
std::uint32_t Marks::stride() const {
    const std::uint32_t granule = area_.granule();
    return (record_bytes + granule - 1) / granule * granule;
}

Result<void> Marks::erase(std::uint32_t half) {
    for (std::uint32_t at = half; at < end_of(half);) {
        const EraseUnit unit = area_.unit_at(at);
        SB_TRY(area_.erase(unit.offset));
        at = unit.offset + unit.bytes;
    }
    return {};
}

/// The half that begins at `half`, which was erased in this session, is in use from now on, and the other one is not.
Result<void> Marks::turn_to(std::uint32_t half, const State& state) {
    at_ = half;
    end_ = end_of(half);
    SB_TRY(put(state));
    if (at_ + stride() <= end_) SB_TRY(put(state));
    return erase(half == 0 ? middle_ : 0);
}

Result<void> Marks::begin(const State& state) {
    // One more than the next: the mark that a cut struck may be read later, though not now.
    number_ = look() ? found_->number + 2 : 0;
    const bool in_second = found_ && found_->at >= middle_;
    const bool alone = found_ && (found_->at == 0 || found_->at == middle_);
    const std::uint32_t half = found_ && in_second == alone ? middle_ : 0;
    SB_TRY(erase(half));
    return turn_to(half, state);
}

Result<void> Marks::add(const State& state) {
    return at_ + stride() > end_ ? turn_to(end_ == middle_ ? middle_ : 0, state) : put(state);
}

Result<void> Marks::put(const State& state) {
    std::array<std::uint8_t, max_record_granule> record;
    std::ranges::fill(record, area_.geometry().erased);
    encode_record({number_, 0}, state, record);
    SB_TRY(area_.program(at_, Bytes(record).first(stride())));
    found_ = Found{at_, number_++, state};
    at_ += stride();
    return {};
}

const std::optional<Marks::Found>& Marks::look() {
    if (looked_) return found_;
    looked_ = true;
    for (std::uint32_t at = 0; at + stride() <= area_.bytes(); at += stride()) {
        if (at < middle_ && at + stride() > middle_) at = middle_;
        std::array<std::uint8_t, record_bytes> record;
        if (!area_.read(at, record) || !is_record(record)) continue;
        const std::uint32_t number = record_key(record).session;
        if (found_ && number <= found_->number) continue;
        found_ = Found{at, number, {}};
        decode_state(record, found_->state);
    }
    return found_;
}

}  // namespace sb
