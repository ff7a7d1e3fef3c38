// core/journal: the rules of docs/power.md that can be broken one by one. They are a type, because the checker runs
// the same journal over broken ones (sim/prove/plants.hpp) and the product must hold no switch for that.
#pragma once

#include "core/journal/pages.hpp"

namespace sb {

/// What open() saw of a page, and what this session wrote there since.
struct PageContent {
    RecordKey newest;         ///< of the newest valid record
    std::uint16_t valid = 0;  ///< valid records; 0: `newest` means nothing
};

struct JournalRules {
    static constexpr std::uint32_t pages = journal_pages;
    static constexpr std::uint8_t first_copies = 2;      ///< rule 3: the first record on each page
    static constexpr std::uint8_t commit_copies = 2;     ///< rule 3: of a state that is acted on
    static constexpr std::uint16_t sealed_records = 3;   ///< rule 3: valid records on the newest page
    static constexpr bool erases_before_use = true;      ///< rule 1: blank is never trusted
    static constexpr bool erases_whole_page = true;      ///< rule 1: all units of the page
    static constexpr bool erases_others = true;          ///< rule 5
    static constexpr bool erases_before_sealing = true;  ///< rule 5: a page gets its third record only after that

    /// Rule 2: which of two records is the newer.
    static bool newer(const RecordKey& a, const RecordKey& b) { return sb::newer(a, b); }
    static std::uint32_t next_session(std::uint32_t newest) { return newest + 1; }

    static void encode(const RecordKey& key, const State& state, MutableBytes out) { encode_record(key, state, out); }
    static bool valid(Bytes in) { return is_record(in); }

    /// Rule 3: whether the newest state is proven; `copies` counts its newest records that hold it (at most 2).
    static bool sealed(std::uint16_t valid_records, std::uint8_t copies) {
        return valid_records >= sealed_records && copies >= commit_copies;
    }

    /// Rule 4: the page to erase next, when the session starts writing; content.size() when every page is barred.
    /// `newest` holds the newest record; bit p of `barred`: page p failed in this session.
    static std::uint32_t victim(std::span<const PageContent> content, std::uint32_t newest, std::uint32_t barred);
    /// Rule 4, last sentence, when none is left that this session erased: the lowest page but `own`.
    static std::uint32_t next_page(std::span<const PageContent> content, std::uint32_t own, std::uint32_t barred);
};

}  // namespace sb
