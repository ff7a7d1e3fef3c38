// tools/diff/sbd: exact matches of the new image in everything that a decoder of sbd can read: S = old image ++ what is
// already written of the new one. One suffix array of both images answers for each position which diagonals are worth
// a look. A diagonal is source position - new position, modulo 2^32.
#pragma once

#include <functional>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// What of the old image can still be read while an update in place overwrites it. The new image is written in
/// segments; the old one stands `shift_bytes` further on in the same flash.
struct Visibility {
    std::uint32_t segment_bytes = 0;  ///< 0: two slots, all of the old image is always there
    std::uint32_t erase_bytes = 1;
    std::uint32_t shift_bytes = 0;

    /// The first byte of the old image that is still there while the segment with `new_at` is written.
    [[nodiscard]] std::uint32_t lowest_old(std::uint32_t new_at, std::uint32_t new_bytes) const;
    /// The first position behind `new_at` where lowest_old() may be another; `new_bytes` when there is none.
    [[nodiscard]] std::uint32_t next_change(std::uint32_t new_at, std::uint32_t new_bytes) const;
};

struct MatchLimits {
    std::uint32_t min_match = 3;
    std::uint32_t neighbours = 48;  ///< suffixes looked at on either side of the position's own
    bool wide = false;              ///< sort with 64-bit offsets, as texts of 2 GiB need it
    Visibility visible{};
};

/// new[at, at + bytes) equals S[at + diagonal, …).
struct DiagonalMatch {
    std::uint32_t diagonal = 0;
    std::uint32_t bytes = 0;
};

enum class Matches : std::uint8_t {
    beginning,  ///< only those that could not begin a byte earlier
    all
};

/// 13 bytes of memory per byte of both images together while it is made, about 9 from then on.
class MatchFinder {
public:
    /// Requires: both images outlive it. Throws std::length_error near 4 GiB, std::bad_alloc.
    MatchFinder(Bytes old, Bytes new_image, const MatchLimits& limits, unsigned threads = 0,
                const std::function<void(double fraction)>& progress = {});

    /// Matches of what stands at `new_at`, the longest first, as many as there is room for. No match runs from the old
    /// image into the new one, or into what cannot be read. Lengths above 65535 are told as that. May be called from
    /// several threads.
    [[nodiscard]] std::size_t find(std::uint32_t new_at, Matches which, std::span<DiagonalMatch> room) const;

    [[nodiscard]] Bytes old_image() const { return old_; }
    [[nodiscard]] Bytes new_image() const { return new_; }
    [[nodiscard]] const MatchLimits& limits() const { return limits_; }
    /// Old ++ new.
    [[nodiscard]] Bytes text() const { return text_; }

private:
    void sort();
    void measure_common_prefixes(unsigned threads);
    [[nodiscard]] std::uint32_t readable_bytes(std::uint32_t new_at, std::uint32_t source_at,
                                               std::uint32_t bytes) const;

    Bytes old_, new_;
    MatchLimits limits_;
    std::vector<std::uint8_t> text_;
    std::vector<std::uint32_t> suffixes_;  ///< by rank: offset in text_
    std::vector<std::uint32_t> ranks_;     ///< of the suffixes that begin in the new image
    std::vector<std::uint16_t> common_;    ///< by rank: bytes in common with the suffix before, 65535 at most
};

}  // namespace sb::diff
