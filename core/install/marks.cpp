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

/// The half that begins at `half` is in use from now on, with nothing in it.
Result<void> Marks::turn_to(std::uint32_t half) {
    at_ = half;
    end_ = half == 0 ? middle_ : area_.bytes();
    for (std::uint32_t at = half; at < end_;) {
        const EraseUnit unit = area_.unit_at(at);
        SB_TRY(area_.erase(unit.offset));
        at = unit.offset + unit.bytes;
    }
    return {};
}

Result<void> Marks::begin(const State& state) {
    const std::optional<Found> newest = find_newest();
    // One more than the next: the mark that a cut struck may be read later, though not now.
    number_ = newest ? newest->number + 2 : 0;
    const bool in_second = newest && newest->at >= middle_;
    const bool alone = newest && begins_half(newest->at);
    SB_TRY(turn_to(newest && in_second == alone ? middle_ : 0));
    return add(state);
}

Result<void> Marks::add(const State& state) {
    if (at_ + stride() > end_) SB_TRY(turn_to(end_ == middle_ ? middle_ : 0));
    const bool first = begins_half(at_);
    SB_TRY(put(state));
    return first && at_ + stride() <= end_ ? put(state) : Result<void>{};
}

Result<void> Marks::put(const State& state) {
    std::array<std::uint8_t, max_record_granule> record;
    std::ranges::fill(record, area_.geometry().erased);
    encode_record({number_++, 0}, state, record);
    SB_TRY(area_.program(at_, Bytes(record).first(stride())));
    at_ += stride();
    return {};
}

std::optional<Marks::Found> Marks::find_newest() const {
    std::optional<Found> found;
    for (std::uint32_t at = 0; at + stride() <= area_.bytes(); at += stride()) {
        if (at < middle_ && at + stride() > middle_) at = middle_;
        std::array<std::uint8_t, record_bytes> record;
        if (!area_.read(at, record) || !is_record(record)) continue;
        const std::uint32_t number = record_key(record).session;
        if (found && number <= found->number) continue;
        // Now, since it may read otherwise the next time.
        found = Found{at, number, {}};
        decode_state(record, found->state);
    }
    return found;
}

std::optional<State> Marks::newest() const {
    const std::optional<Found> found = find_newest();
    return found ? std::optional(found->state) : std::nullopt;
}

}  // namespace sb
