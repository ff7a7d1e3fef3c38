#include "sim/prove/journal_form.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/journal/record.hpp"

namespace sb::prove {

JournalForm::JournalForm(const sim::NorFlash& flash, const Region& journal, std::uint32_t offset)
    : begin_(offset),
      end_(offset + journal.bytes()),
      granule_(flash.geometry().granule),
      erased_(flash.geometry().erased) {
    const auto pages = journal_pages_of(journal, journal_pages);
    if (!pages) throw std::logic_error("the journal region holds no pages");
    stride_ = pages->stride;
    page_bytes_ = pages->page[0].bytes;
    records_ = pages->records(0);
    places_.resize(std::size_t{records_} * journal_pages);
}

JournalForm::Reading JournalForm::read(Bytes bytes) {
    const Fingerprint key = sim::fingerprint(bytes);
    if (const Reading* const known = readings_.find(key)) return *known;
    const Reading seen = parse(bytes);
    readings_.add(key, seen);
    return seen;
}

JournalForm::Reading JournalForm::parse(Bytes bytes) const {
    Reading seen;
    if (is_record(bytes)) {
        const RecordKey key = record_key(bytes);
        State state;
        decode_state(bytes, state);
        seen = {Reading::Kind::record, key.session, key.index, state.boot.transaction, {}};
        std::array<std::uint8_t, record_bytes> rest{};
        state.boot.transaction = 0;
        encode_record({}, state, rest);
        seen.rest = sim::fingerprint(Bytes(rest));
        return seen;
    }
    const bool blank = std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == erased_; });
    seen.kind = blank ? Reading::Kind::blank : Reading::Kind::junk;
    return seen;
}

void JournalForm::see_place(const sim::FlashContent& content, std::uint32_t offset, std::uint32_t page_offset,
                            Place& place) {
    place = {};
    const Bytes cells = Bytes(content.cells).subspan(offset, record_bytes);
    const std::uint32_t end = offset + record_bytes;
    bool readable = true;
    for (std::uint32_t g = offset / granule_; g < (end + granule_ - 1) / granule_; ++g)
        readable = readable && content.unreadable[g] == 0;
    auto range = content.weak.upper_bound(offset);
    if (range != content.weak.begin()) --range;
    was_.assign(cells.begin(), cells.end());
    became_ = was_;
    for (; range != content.weak.end() && range->first < end; ++range) {
        const auto& weak = range->second;
        const auto size = static_cast<std::uint32_t>(weak.was.size());
        if (range->first + size <= offset) continue;
        for (std::uint32_t at = std::max(offset, range->first); at < std::min(end, range->first + size); ++at) {
            was_[at - offset] = weak.was[at - range->first];
            became_[at - offset] = weak.became[at - range->first];
        }
        place.weak = static_cast<std::uint8_t>(1 + static_cast<unsigned>(weak.reads) * 2 + (weak.flip ? 1 : 0));
        place.range = range->first - page_offset;
    }
    place.was = readable ? read(was_) : Reading{.kind = Reading::Kind::junk};
    place.became = place.weak != 0 && readable ? read(became_) : place.was;
}

void JournalForm::see(const sim::FlashContent& content) {
    for (std::uint32_t page = 0; page < journal_pages; ++page) {
        const std::uint32_t at = begin_ + page * page_bytes_;
        for (std::uint32_t i = 0; i < records_; ++i)
            see_place(content, at + i * stride_, at, places_[page * records_ + i]);
    }
}

/// Sessions and updates are counted from the lowest that is left. The index of a record counts only against others of
/// its session; where no record of the session is sure to be read its number may be given out again, and what was
/// counted then matters.
void JournalForm::renumber() {
    std::uint32_t first_session = ~0U;
    std::uint16_t first_transaction = 0xFFFF;
    const auto each = [this](auto&& visit) {
        for (Place& place : places_) {
            if (place.was.kind == Reading::Kind::record) visit(place.was, place.weak == 0);
            if (place.weak != 0 && place.became.kind == Reading::Kind::record) visit(place.became, false);
        }
    };
    each([&](const Reading& r, bool) {
        first_session = std::min(first_session, r.session);
        first_transaction = std::min(first_transaction, r.transaction);
    });
    std::vector<std::uint32_t> sure;
    std::vector<std::pair<std::uint32_t, std::uint16_t>> keys;
    each([&](Reading& r, bool solid) {
        r.session -= first_session;
        r.transaction = static_cast<std::uint16_t>(r.transaction - first_transaction);
        if (solid) sure.push_back(r.session);
        keys.emplace_back(r.session, r.index);
    });
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    each([&](Reading& r, bool) {
        if (std::ranges::find(sure, r.session) == sure.end()) return;
        const auto first = std::ranges::lower_bound(keys, std::pair<std::uint32_t, std::uint16_t>{r.session, 0});
        const auto here = std::ranges::lower_bound(keys, std::pair{r.session, r.index});
        r.index = static_cast<std::uint16_t>(here - first);
    });
}

std::size_t JournalForm::newest_page() const {
    std::pair<std::uint32_t, std::uint16_t> newest{};
    std::size_t page = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        for (const Reading& r : {places_[i].was, places_[i].became}) {
            if (r.kind != Reading::Kind::record || std::pair{r.session, r.index} <= newest) continue;
            newest = {r.session, r.index};
            page = i / records_;
        }
    }
    return page;
}

Fingerprint JournalForm::of(const sim::FlashContent& content) {
    see(content);
    renumber();
    const std::size_t first = newest_page() * records_;
    Fingerprint f;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        const Place& place = places_[(first + i) % places_.size()];
        f = sim::fingerprint(place.weak | std::uint64_t{place.range} << 8, f);
        const std::size_t readings = place.weak != 0 ? 2 : 1;
        for (std::size_t k = 0; k < readings; ++k) {
            const Reading& r = k == 0 ? place.was : place.became;
            f = sim::fingerprint(
                static_cast<std::uint64_t>(r.kind) | std::uint64_t{r.session} << 8 | std::uint64_t{r.index} << 40, f);
            if (r.kind == Reading::Kind::record)
                f = sim::fingerprint(r.rest.low, sim::fingerprint(r.rest.high ^ r.transaction, f));
        }
    }
    return f;
}

}  // namespace sb::prove
