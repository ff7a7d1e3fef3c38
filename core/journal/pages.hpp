// core/journal: which bytes of a region are journal pages. A page is the least number of erase units that holds four
// records; the journal uses the first four pages of its region and leaves what follows alone.
#pragma once

#include "core/flash/region.hpp"
#include "core/journal/record.hpp"

namespace sb {

inline constexpr std::uint32_t journal_pages = 4;
inline constexpr std::uint32_t min_records_per_page = 4;
/// Of a larger page only the front is used: open() reads every record.
inline constexpr std::uint32_t max_records_per_page = 1024;

struct JournalPage {
    std::uint32_t offset = 0;  ///< bytes from the start of the region
    std::uint32_t bytes = 0;   ///< whole erase units
};

/// Pages may be unequal where the erase map is.
struct JournalPages {
    std::array<JournalPage, journal_pages> page;
    std::uint32_t stride = 0;  ///< bytes from record to record: 128 rounded up to the granule

    /// Records that page `p` holds.
    [[nodiscard]] std::uint32_t records(std::uint32_t p) const {
        const std::uint32_t n = page[p].bytes / stride;
        return n < max_records_per_page ? n : max_records_per_page;
    }
};

/// The pages of a journal region: the first `count` of it.
/// Errors: out_of_range when the region has no room for them; unsupported when the granule is above 512 bytes.
[[nodiscard]] Result<JournalPages> journal_pages_of(const Region& region, std::uint32_t count = journal_pages);

/// Reads the record at `offset` (a page's offset plus a multiple of the stride); for tools that list a journal.
/// Errors: malformed when no valid record stands there; those of Flash::read.
[[nodiscard]] Result<Record> read_journal_record(const Region& region, std::uint32_t offset);

}  // namespace sb
