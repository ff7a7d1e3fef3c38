#include "sim/prove/marks_form.hpp"

#include <algorithm>

#include "core/journal/record.hpp"

namespace sb::prove {

MarksForm::MarksForm(const sim::NorFlash& flash, const Region& marks, std::uint32_t offset)
    : begin_(offset),
      middle_(offset + marks.unit_at(marks.bytes() / 2).offset),
      end_(offset + marks.bytes()),
      stride_((record_bytes + flash.geometry().granule - 1) / flash.geometry().granule * flash.geometry().granule),
      granule_(flash.geometry().granule) {}

MarksForm::Mark MarksForm::read(std::uint32_t offset, Bytes bytes) {
    const Fingerprint key = sim::fingerprint(bytes);
    Mark seen;
    if (const Mark* const known = known_.find(key)) {
        seen = *known;
    } else {
        if (is_record(bytes)) {
            State state;
            decode_state(bytes, state);
            state.boot.transaction = 0;  // counted from anything
            std::array<std::uint8_t, record_bytes> rest{};
            encode_record({}, state, rest);
            seen = {std::uint64_t{record_key(bytes).session} + 1, 0, sim::fingerprint(Bytes(rest))};
        }
        known_.add(key, seen);
    }
    seen.half = offset < middle_ ? 0 : 1;
    return seen;
}

void MarksForm::see_place(const sim::FlashContent& content, std::uint32_t offset) {
    const std::uint32_t end = offset + record_bytes;
    for (std::uint32_t g = offset / granule_; g < (end + granule_ - 1) / granule_; ++g)
        if (content.unreadable[g] != 0) return;
    std::array<std::uint8_t, record_bytes> was;
    std::copy_n(content.cells.begin() + offset, record_bytes, was.begin());
    std::array<std::uint8_t, record_bytes> became = was;
    std::uint64_t range = 0;
    auto weak = content.weak.upper_bound(offset);
    if (weak != content.weak.begin()) --weak;
    for (; weak != content.weak.end() && weak->first < end; ++weak) {
        const auto size = static_cast<std::uint32_t>(weak->second.was.size());
        for (std::uint32_t at = std::max(offset, weak->first); at < std::min(end, weak->first + size); ++at) {
            was[at - offset] = weak->second.was[at - weak->first];
            became[at - offset] = weak->second.became[at - weak->first];
            range = 1 + (weak->first - begin_) + (static_cast<std::uint64_t>(weak->second.reads) << 32) +
                    (weak->second.flip ? std::uint64_t{1} << 40 : 0U);
        }
    }
    const Mark before = read(offset, was);
    if (range == 0) {
        if (before.number > sure_.number) sure_ = before;
        return;
    }
    if (before.number != 0) weak_.push_back({before, false, range});
    if (const Mark after = read(offset, became); after.number != 0) weak_.push_back({after, true, range});
}

Fingerprint MarksForm::of(const sim::FlashContent& content) {
    sure_ = {};
    weak_.clear();
    for (std::uint32_t at = begin_; at + stride_ <= end_; at += stride_) {
        if (at < middle_ && at + stride_ > middle_) at = middle_;
        see_place(content, at);
    }
    const auto add = [](const Mark& mark, std::uint64_t number, const Fingerprint& f) {
        return sim::fingerprint(mark.says.low ^ number << 8 ^ mark.half, sim::fingerprint(mark.says.high, f));
    };
    std::uint64_t from = sure_.number;
    if (from == 0)
        for (const Weak& weak : weak_) from = from == 0 ? weak.mark.number : std::min(from, weak.mark.number);
    Fingerprint f = add(sure_, 0, {});
    for (const Weak& weak : weak_)
        if (weak.mark.number > sure_.number)
            f = add(weak.mark, weak.mark.number - from, sim::fingerprint(weak.range << 1 | (weak.is_new ? 1 : 0), f));
    return f;
}

}  // namespace sb::prove
