// core/journal: the journal over its rules. The product has one set of them (journal.hpp); the checker has broken ones.
#pragma once

#include "core/journal/rules.hpp"

namespace sb {

template <class Rules>
class BasicJournal {
public:
    /// `region` holds at least four pages; a page is the least number of erase units that holds four records.
    explicit BasicJournal(const Region& region) : region_(region) {}

    /// Finds the newest valid record. Reads only, each record once; what is unreadable, torn or blank is passed over.
    /// Errors: journal_lost when there is none (state() is then the default state, and commit() works);
    /// io or what else the part reports, when there is none and a read failed for another reason than ECC;
    /// out_of_range when the region has no room for four pages; unsupported when its granule is above 512 bytes.
    [[nodiscard]] Result<void> open();

    /// The newest state, as read by open() or last written.
    [[nodiscard]] const State& state() const { return state_; }
    /// Whether the newest state is proven: no power cut in the past can make it vanish (rule 3).
    [[nodiscard]] bool sealed() const;

    /// Makes `state` the newest, proven: after it returns, no cut of any later operation loses it (rules 3 to 6).
    /// Writes nothing when that is so already. Requires: open() was called and found the pages.
    /// Errors: io, readback when the part fails for good; out_of_range when open() found no pages.
    [[nodiscard]] Result<void> commit(const State& state);
    /// Adds one record of progress. A cut may lose it, back to the state before it, never further than the last
    /// commit. Requires and errors: as commit.
    [[nodiscard]] Result<void> append(const State& state);

    /// The page layout, and what each page holds; for `inspect` and reports. Requires: open() found the pages.
    [[nodiscard]] const JournalPages& pages() const { return pages_; }
    [[nodiscard]] const PageContent& content(std::uint32_t page) const { return content_[page]; }
    /// Where the newest record stands: its page, session and index. Means nothing when there is no record.
    [[nodiscard]] std::uint32_t newest_page() const { return newest_; }
    [[nodiscard]] const RecordKey& newest_key() const { return key_; }

private:
    static constexpr std::uint8_t none = 0xFF;

    [[nodiscard]] static std::uint8_t bit(std::uint32_t page) { return static_cast<std::uint8_t>(1U << page); }
    [[nodiscard]] static bool has(std::uint8_t set, std::uint32_t page) { return (set & bit(page)) != 0; }
    [[nodiscard]] Result<void> scan();
    [[nodiscard]] Error read_slot(std::uint32_t page, std::uint32_t index, MutableBytes out) const;
    void take_record(std::uint32_t page, Bytes bytes);
    /// The page `i` places after the newest record's, round the ring: pages wear evenly, and none is special.
    [[nodiscard]] std::uint32_t ring(std::uint32_t i) const {
        return newest_ + i < Rules::pages ? newest_ + i : newest_ + i - Rules::pages;
    }
    [[nodiscard]] std::uint32_t room() const;
    [[nodiscard]] Result<void> erase_page(std::uint32_t page);
    [[nodiscard]] Result<void> write_record(const State& state);
    [[nodiscard]] Result<void> verify(std::uint32_t offset, Bytes bytes);
    [[nodiscard]] std::uint32_t pick_page() const;
    [[nodiscard]] Result<void> fill_page(std::uint32_t page, const State& state);
    [[nodiscard]] Result<void> begin_page(const State& state);
    [[nodiscard]] Result<void> put(const State& state);
    [[nodiscard]] Result<void> erase_others();

    Region region_;
    JournalPages pages_;
    std::array<PageContent, Rules::pages> content_;
    State state_;
    RecordKey key_;               // of the newest record
    std::uint16_t used_ = 0;      // records begun on the own page
    std::uint8_t newest_ = 0;     // page of the newest record
    std::uint8_t own_ = none;     // page this session is writing
    std::uint8_t clean_ = 0;      // pages that this session erased and has not used
    std::uint8_t failed_ = 0;     // pages whose cells failed in this session
    std::uint8_t copies_ = 0;     // newest records that hold state_: 0, 1 or 2 (and more)
    bool others_erased_ = false;  // rule 5 is done since the own page began
};

template <class Rules>
Result<void> BasicJournal<Rules>::open() {
    pages_ = {};
    content_ = {};
    state_ = {};
    key_ = {};
    used_ = 0;
    newest_ = 0;
    own_ = none;
    clean_ = failed_ = copies_ = 0;
    others_erased_ = false;
    const auto pages = journal_pages_of(region_, Rules::pages);
    if (!pages) return fail(pages.error());
    pages_ = *pages;
    return scan();
}

template <class Rules>
Result<void> BasicJournal<Rules>::scan() {
    Error failure = Error::journal_lost;
    std::array<std::uint8_t, record_bytes> bytes;
    for (std::uint32_t p = 0; p < Rules::pages; ++p) {
        const std::uint32_t records = pages_.records(p);
        for (std::uint32_t i = 0; i < records; ++i) {
            const Error error = read_slot(p, i, bytes);
            if (error == Error::none && Rules::valid(bytes)) take_record(p, bytes);
            if (error != Error::none && error != Error::unreadable) failure = error;
        }
    }
    if (copies_ == 0) return fail(failure);
    return {};
}

template <class Rules>
Error BasicJournal<Rules>::read_slot(std::uint32_t page, std::uint32_t index, MutableBytes out) const {
    // A bus error must not hide the newest record, so it is tried again; an ECC error is the part's last word.
    Error error = Error::none;
    for (int turn = 0; turn < 3; ++turn) {
        const auto read = region_.read(pages_.page[page].offset + index * pages_.stride, out);
        error = read ? Error::none : read.error();
        if (error == Error::none || error == Error::unreadable) break;
    }
    return error;
}

template <class Rules>
void BasicJournal<Rules>::take_record(std::uint32_t page, Bytes bytes) {
    const RecordKey key = record_key(bytes);
    PageContent& content = content_[page];
    if (content.valid == 0 || Rules::newer(key, content.newest)) content.newest = key;
    ++content.valid;
    if (copies_ != 0 && !Rules::newer(key, key_)) return;
    State state;
    decode_state(bytes, state);
    copies_ = copies_ != 0 && page == newest_ && state == state_ ? 2 : 1;
    state_ = state;
    key_ = key;
    newest_ = static_cast<std::uint8_t>(page);
}

template <class Rules>
bool BasicJournal<Rules>::sealed() const {
    if (own_ != none && !others_erased_) return false;
    return Rules::sealed(content_[newest_].valid, copies_);
}

template <class Rules>
std::uint32_t BasicJournal<Rules>::room() const {
    return own_ == none ? 0 : pages_.records(own_) - used_;
}

template <class Rules>
Result<void> BasicJournal<Rules>::erase_page(std::uint32_t page) {
    const JournalPage& where = pages_.page[page];
    if constexpr (!Rules::erases_before_use) {
        const auto blank = region_.is_blank(where.offset, where.bytes);
        if (blank && *blank) return {};
    }
    // What the page held is gone from the first erase on, whether it succeeds or not.
    content_[page] = {};
    std::uint32_t at = where.offset;
    while (at < where.offset + where.bytes) {
        SB_TRY(region_.erase(at));
        if constexpr (!Rules::erases_whole_page) break;
        at += region_.unit_at(at).bytes;
    }
    return {};
}

template <class Rules>
Result<void> BasicJournal<Rules>::verify(std::uint32_t offset, Bytes bytes) {
    std::array<std::uint8_t, 32> seen;
    for (std::uint32_t at = 0; at < record_bytes; at += static_cast<std::uint32_t>(seen.size())) {
        SB_TRY(region_.read(offset + at, seen));
        if (!equal(seen, bytes.subspan(at, seen.size()))) return fail(Error::readback);
    }
    return {};
}

template <class Rules>
Result<void> BasicJournal<Rules>::write_record(const State& state) {
    std::array<std::uint8_t, max_record_granule> buffer;
    const MutableBytes bytes = MutableBytes(buffer).first(pages_.stride);
    std::memset(buffer.data(), region_.geometry().erased, buffer.size());
    const RecordKey key{key_.session, static_cast<std::uint16_t>(key_.index + 1)};
    Rules::encode(key, state, bytes);
    const std::uint32_t offset = pages_.page[own_].offset + used_ * pages_.stride;
    ++used_;
    SB_TRY(region_.program(offset, bytes));
    SB_TRY(verify(offset, bytes));
    const bool again = copies_ != 0 && newest_ == own_ && state_ == state;
    copies_ = again ? 2 : 1;
    key_ = key;
    newest_ = own_;
    if (!again) state_ = state;
    content_[own_].newest = key;
    ++content_[own_].valid;
    return {};
}

template <class Rules>
std::uint32_t BasicJournal<Rules>::pick_page() const {
    for (std::uint32_t i = 1; i < Rules::pages; ++i)
        if (const std::uint32_t p = ring(i); has(clean_, p) && !has(failed_, p)) return p;
    return own_ == none ? Rules::victim(content_, newest_, failed_) : Rules::next_page(content_, newest_, failed_);
}

template <class Rules>
Result<void> BasicJournal<Rules>::fill_page(std::uint32_t page, const State& state) {
    if (!has(clean_, page)) {
        SB_TRY(erase_page(page));
    }
    clean_ = static_cast<std::uint8_t>(clean_ & ~bit(page));
    own_ = static_cast<std::uint8_t>(page);
    used_ = 0;
    copies_ = 0;
    for (std::uint8_t i = 0; i < Rules::first_copies; ++i) SB_TRY(write_record(state));
    return {};
}

template <class Rules>
Result<void> BasicJournal<Rules>::begin_page(const State& state) {
    // A new session, or one whose index is about to wrap: its keys must be above all that is there.
    if (own_ == none || key_.index >= 0x8000) key_ = {Rules::next_session(key_.session), 0};
    others_erased_ = false;
    Error failure = Error::io;
    for (std::uint32_t turn = 0; turn < Rules::pages; ++turn) {
        const std::uint32_t page = pick_page();
        if (page >= Rules::pages) break;
        const auto filled = fill_page(page, state);
        if (filled) return {};
        failure = filled.error();
        failed_ = static_cast<std::uint8_t>(failed_ | bit(page));
    }
    return fail(failure);
}

template <class Rules>
Result<void> BasicJournal<Rules>::put(const State& state) {
    if (room() != 0 && !has(failed_, own_)) {
        if (Rules::erases_others && Rules::erases_before_sealing && !others_erased_) SB_TRY(erase_others());
        if (write_record(state)) return {};
        failed_ = static_cast<std::uint8_t>(failed_ | bit(own_));
    }
    return begin_page(state);
}

template <class Rules>
Result<void> BasicJournal<Rules>::erase_others() {
    bool failed = false;
    for (std::uint32_t i = 1; i < Rules::pages; ++i) {
        const std::uint32_t p = ring(i);
        if (has(clean_, p)) continue;
        if (erase_page(p)) {
            clean_ = static_cast<std::uint8_t>(clean_ | bit(p));
        } else {
            failed_ = static_cast<std::uint8_t>(failed_ | bit(p));
            failed = true;
        }
    }
    // A page that cannot be erased any more is worn out, and its records are older than ours; a part that does not
    // even read is gone.
    std::array<std::uint8_t, 4> probe;
    if (failed) SB_TRY(region_.read(pages_.page[own_].offset, probe));
    others_erased_ = true;
    return {};
}

template <class Rules>
Result<void> BasicJournal<Rules>::commit(const State& state) {
    if (pages_.stride == 0) return fail(Error::out_of_range);
    if (own_ != none && others_erased_ && sealed() && state_ == state) return {};
    // A page that has no room for what is missing is left at once: half a commit there would prove nothing.
    if (room() < Rules::commit_copies || has(failed_, own_)) {
        SB_TRY(begin_page(state));
    }
    // At most the third record and two copies are missing; a page that fails starts the count again.
    for (std::uint32_t turn = 0; turn < Rules::pages * Rules::sealed_records; ++turn) {
        if (copies_ >= Rules::commit_copies && state_ == state && content_[own_].valid >= Rules::sealed_records) break;
        SB_TRY(put(state));
    }
    if (Rules::erases_others && !others_erased_) SB_TRY(erase_others());
    return {};
}

template <class Rules>
Result<void> BasicJournal<Rules>::append(const State& state) {
    if (pages_.stride == 0) return fail(Error::out_of_range);
    return put(state);
}

}  // namespace sb
