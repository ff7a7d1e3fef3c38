// tools/cli: the records of a journal, from a region or from a dump of one.
#pragma once

#include <vector>

#include "core/flash/region.hpp"
#include "core/journal/record.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

struct JournalReport {
    struct Found {
        std::uint32_t offset = 0;
        Record record;
    };
    std::vector<Found> records;  ///< the valid ones, newest first
    bool sealed = false;         ///< the newest state is proven; known of a region only
    bool is_region = false;
};

[[nodiscard]] JournalReport journal_of(const Region& region);
/// Valid records at multiples of 128 bytes: every stride is one.
[[nodiscard]] JournalReport journal_in(Bytes dump);

[[nodiscard]] Json journal_json(const JournalReport& report);
[[nodiscard]] std::string journal_text(const JournalReport& report);

}  // namespace sb::cli
