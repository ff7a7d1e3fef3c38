#include "core/install/marks.hpp"

#include <algorithm>

#include "core/journal/record.hpp"

namespace sb {

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
    SB_TRY(turn_to(newest && newest->at < middle_ ? middle_ : 0));
    return add(state);
}

Result<void> Marks::add(const State& state) {
    if (at_ + stride() > end_) SB_TRY(turn_to(end_ == middle_ ? middle_ : 0));
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
        if (!found || number > found->number) found = Found{at, number};
    }
    return found;
}

std::optional<State> Marks::newest() const {
    const std::optional<Found> found = find_newest();
    std::array<std::uint8_t, record_bytes> record;
    if (!found || !area_.read(found->at, record) || !is_record(record)) return std::nullopt;
    State state;
    decode_state(record, state);
    return state;
}

}  // namespace sb
