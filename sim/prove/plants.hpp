// sim/prove: the journal's rules, each broken once. The checker must catch every one of them; a checker that cannot
// fail proves nothing.
#pragma once

#include "core/base/crc32.hpp"
#include "core/journal/basic_journal.hpp"

namespace sb::prove {

/// The rules of the product on three pages, for comparison: they fall earlier.
struct ThreePages : JournalRules {
    static constexpr std::uint32_t pages = 3;
};

/// Rule 3 broken: an idle boot answers from whatever record is the newest.
struct TrustsTail : JournalRules {
    static bool sealed(std::uint16_t, std::uint8_t) { return true; }
};

/// Rule 4 in its earlier form: a page with a single record counts as much as a proven one.
struct EarlierRule4 : JournalRules {
    static std::uint32_t victim(std::span<const PageContent> pages, std::uint32_t newest, std::uint32_t barred) {
        return next_page(pages, newest, barred);
    }
};

/// Rule 3 broken: one record instead of two, at the start of a page, in a commit and for a seal.
struct WritesOnce : JournalRules {
    static constexpr std::uint8_t first_copies = 1;
    static constexpr std::uint8_t commit_copies = 1;
    static constexpr std::uint16_t sealed_records = 1;
    static bool sealed(std::uint16_t valid, std::uint8_t) { return valid >= 1; }
};

/// Rule 1 broken: a page that reads blank is used without an erase of our own.
struct TrustsBlank : JournalRules {
    static constexpr bool erases_before_use = false;
};

/// Rule 1 broken: of a page of several erase units only the first is erased.
struct ErasesFirstUnit : JournalRules {
    static constexpr bool erases_whole_page = false;
};

/// Rule 5 broken: acts while other pages still hold records and weak cells.
struct SkipsRule5 : JournalRules {
    static constexpr bool erases_others = false;
};

/// Rule 5 broken in its order: the third record, which makes a seal, before the other pages are erased.
struct SealsFirst : JournalRules {
    static constexpr bool erases_before_sealing = false;
};

/// Rule 2 broken: the newest record by its index, whatever its session.
struct NewestByIndex : JournalRules {
    static bool newer(const RecordKey& a, const RecordKey& b) { return a.index > b.index; }
};

/// Rule 2 broken: a new session goes on with the number of the last one.
struct KeepsSession : JournalRules {
    static std::uint32_t next_session(std::uint32_t newest) { return newest; }
};

/// The CRC covers the front of the record only.
struct HalfCrc : JournalRules {
    static constexpr std::size_t covered = 24;
    static void encode(const RecordKey& key, const State& state, MutableBytes out) {
        encode_record(key, state, out);
        store_le<std::uint32_t>(out, record_bytes - 4, crc32(Bytes(out).first(covered)));
    }
    static bool valid(Bytes in) {
        return in[0] == 0x53 && load_le<std::uint32_t>(in, record_bytes - 4) == crc32(in.first(covered)) && in[8] <= 7;
    }
};

}  // namespace sb::prove
