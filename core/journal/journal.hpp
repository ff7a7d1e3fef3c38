// core/journal: boot state that survives any power cut. Each record is the whole state on granules that this
// session erased itself; four pages take turns; the newest valid record wins. The rules and what is known of them
// stand in docs/power.md.
//
//   Journal j(map.journal);
//   auto opened = j.open();                 // reads only
//   if (!j.sealed()) j.commit(j.state());   // an unproven state is written again before anything leans on it
//   j.commit(next);                         // returns when the state cannot be lost any more
//   j.append(progress);                     // one record: cheap, may be lost by a cut, never contradicts a commit
#pragma once

#include "core/journal/state.hpp"

namespace sb {

/// One record: 60 bytes boot state, 64 bytes install state, CRC-32; padded to the granule (docs/format.md).
inline constexpr std::uint32_t record_bytes = 128;
inline constexpr std::uint32_t journal_pages = 4;
inline constexpr std::uint32_t min_records_per_page = 4;

class Journal {
public:
    /// `region` holds at least four pages; a page is the least number of erase units that holds four records.
    explicit Journal(const Region& region) : region_(region) {}

    /// Finds the newest valid record. Reads only; every unreadable or torn record is passed over.
    /// Errors: journal_lost when there is none (state() is then the default state); out_of_range when the
    /// region has no room for four pages; io.
    [[nodiscard]] Result<void> open();

    /// The newest state, as read by open() or last written.
    [[nodiscard]] const State& state() const;
    /// Whether the newest state is proven: no power cut in the past can make it vanish (rule 3).
    [[nodiscard]] bool sealed() const;

    /// Makes `state` the newest, proven: after it returns, no cut of any later operation loses it (rules 3 to 6).
    /// Errors: io, readback when the part fails for good.
    [[nodiscard]] Result<void> commit(const State& state);
    /// Adds one record of progress. A cut may lose it, back to the state before it, never further than the last commit.
    [[nodiscard]] Result<void> append(const State& state);
    // … private parts are the implementer's
};

/// The page layout of a journal region, for `layout check` and the tools.
// [[nodiscard]] Result<JournalPages> journal_pages_of(const Region&);

}  // namespace sb
