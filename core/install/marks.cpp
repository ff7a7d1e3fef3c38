#include "core/install/marks.hpp"

#include <algorithm>

#include "core/journal/record.hpp"

namespace sb {

/// A mark is a record of the journal that has no session.
std::uint32_t Marks::stride() const {
    const std::uint32_t granule = area_.granule();
    return (record_bytes + granule - 1) / granule * granule;
}

Result<void> Marks::erase() const {
    for (std::uint32_t at = 0; at < area_.bytes();) {
        const EraseUnit unit = area_.unit_at(at);
        SB_TRY(area_.erase(unit.offset));
        at = unit.offset + unit.bytes;
    }
    return {};
}

Result<void> Marks::begin(const State& state) {
    SB_TRY(erase());
    at_ = 0;
    return add(state);
}

Result<void> Marks::add(const State& state) {
    if (at_ + stride() > area_.bytes()) return begin(state);
    std::array<std::uint8_t, max_record_granule> record;
    std::ranges::fill(record, area_.geometry().erased);
    encode_record({0, number_++}, state, record);
    SB_TRY(area_.program(at_, Bytes(record).first(stride())));
    at_ += stride();
    return {};
}

std::optional<State> Marks::newest() const {
    std::optional<State> found;
    RecordKey last;
    for (std::uint32_t at = 0; at + stride() <= area_.bytes(); at += stride()) {
        std::array<std::uint8_t, record_bytes> record;
        if (!area_.read(at, record) || !is_record(record)) continue;
        if (found && !newer(record_key(record), last)) continue;
        last = record_key(record);
        decode_state(record, found.emplace());
    }
    return found;
}

}  // namespace sb
