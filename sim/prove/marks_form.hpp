// sim/prove: the normal form of the marks of a rewriting (core/install/marks.hpp). Nobody asks for more than the newest
// of them: its number, what it says and the half that it stands in. So of all that is sure to be read one mark counts,
// and of weak ones those that would be newer. Numbers are counted from that one.
#pragma once

#include "core/flash/region.hpp"
#include "sim/flash/fingerprint.hpp"
#include "sim/flash/nor_flash.hpp"
#include "sim/powercut/fingerprint_map.hpp"

namespace sb::prove {

using sim::Fingerprint;

class MarksForm {
public:
    /// `marks` begins at `offset` of the part.
    MarksForm(const sim::NorFlash& flash, const Region& marks, std::uint32_t offset);

    [[nodiscard]] Fingerprint of(const sim::FlashContent& content);
    [[nodiscard]] bool covers(std::uint32_t offset) const { return offset >= begin_ && offset < end_; }

private:
    /// What reads as a mark; no number: nothing does.
    struct Mark {
        std::uint64_t number = 0;  ///< from 1
        std::uint32_t half = 0;
        Fingerprint says{};
    };
    /// One that may be read or not.
    struct Weak {
        Mark mark;
        bool is_new;          ///< reads as it if as done; else if as before
        std::uint64_t range;  ///< which, and how it reads
    };

    [[nodiscard]] Mark read(std::uint32_t offset, Bytes bytes);
    void see_place(const sim::FlashContent& content, std::uint32_t offset);

    std::uint32_t begin_;
    std::uint32_t middle_;
    std::uint32_t end_;
    std::uint32_t stride_;
    std::uint32_t granule_;
    sim::FingerprintMap<Mark> known_;  // a CRC takes longer than a fingerprint
    Mark sure_;
    std::vector<Weak> weak_;
};

}  // namespace sb::prove
