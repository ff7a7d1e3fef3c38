#include "core/journal/pages.hpp"

namespace sb {

Result<JournalPages> journal_pages_of(const Region& region, std::uint32_t count) {
    if (!region.valid() || count > journal_pages) return fail(Error::out_of_range);
    const std::uint32_t granule = region.granule();
    if (granule == 0 || granule > max_record_granule) return fail(Error::unsupported);
    JournalPages pages;
    pages.stride = (record_bytes + granule - 1) / granule * granule;
    std::uint32_t at = 0;
    for (std::uint32_t p = 0; p < count; ++p) {
        JournalPage& page = pages.page[p];
        page.offset = at;
        // Ends: each turn moves `at` on, and the region is finite.
        while (page.bytes < min_records_per_page * pages.stride) {
            if (at >= region.bytes()) return fail(Error::out_of_range);
            const EraseUnit unit = region.unit_at(at);
            if (unit.bytes == 0 || unit.offset != at || unit.bytes > region.bytes() - at)
                return fail(Error::out_of_range);
            at += unit.bytes;
            page.bytes += unit.bytes;
        }
    }
    return pages;
}

Result<Record> read_journal_record(const Region& region, std::uint32_t offset) {
    std::array<std::uint8_t, record_bytes> bytes;
    SB_TRY(region.read(offset, bytes));
    if (!is_record(bytes)) return fail(Error::malformed);
    Record record;
    record.key = record_key(bytes);
    decode_state(bytes, record.state);
    return record;
}

}  // namespace sb
