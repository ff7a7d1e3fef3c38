// sim/prove: the normal form of a journal region: what the journal code can tell of it, and nothing else. Two regions
// are one where they differ by a rotation of the pages, by what sessions and updates are counted from, by the bytes
// of what is no record, or by the gaps between the records of a session that can always be read. So a device that
// lives on and on comes back to where it was.
#pragma once

#include <vector>

#include "core/journal/pages.hpp"
#include "sim/flash/fingerprint.hpp"
#include "sim/flash/nor_flash.hpp"
#include "sim/powercut/fingerprint_map.hpp"

namespace sb::prove {

using sim::Fingerprint;

class JournalForm {
public:
    /// Requires: the pages begin at whole blocks of ContentFingerprint and are of one size.
    JournalForm(const sim::NorFlash& flash, const Region& journal, std::uint32_t offset);

    [[nodiscard]] Fingerprint of(const sim::FlashContent& content);
    [[nodiscard]] bool covers(std::uint32_t offset) const { return offset >= begin_ && offset < end_; }

private:
    /// What a place for a record reads as.
    struct Reading {
        enum class Kind : std::uint8_t { blank, junk, record } kind = Kind::blank;
        std::uint32_t session = 0;
        std::uint16_t index = 0;
        std::uint16_t transaction = 0;
        Fingerprint rest{};  ///< of a record: all that is not above
    };
    struct Place {
        Reading was;     ///< as it reads, or may read
        Reading became;  ///< weak: as it may read, too
        std::uint8_t weak = 0;
        std::uint32_t range = 0;  ///< weak: first byte of the range, from the page's beginning
    };

    [[nodiscard]] Reading read(Bytes bytes);
    [[nodiscard]] Reading parse(Bytes bytes) const;
    void see_place(const sim::FlashContent& content, std::uint32_t offset, std::uint32_t page_offset, Place& place);
    void see(const sim::FlashContent& content);
    void renumber();
    [[nodiscard]] std::size_t newest_page() const;

    std::uint32_t begin_;
    std::uint32_t end_;
    std::uint32_t stride_;
    std::uint32_t page_bytes_;
    std::uint32_t records_;
    std::uint32_t granule_;
    std::uint8_t erased_;
    std::vector<Place> places_;
    sim::FingerprintMap<Reading> readings_;  // CRCs take longer than fingerprints
    std::vector<std::uint8_t> was_;
    std::vector<std::uint8_t> became_;
};

}  // namespace sb::prove
