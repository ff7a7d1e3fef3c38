// tools/diff: the one matching core. A cover says that a stretch of the new image looks like a stretch of the old
// one: mostly equal bytes, with some that differ (a changed address in moved code). Every patch format is then only
// a way to write down a list of covers.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::diff {

/// new[new_at, new_at + bytes) is made from old[old_at, old_at + bytes).
struct Cover {
    std::size_t new_at = 0;
    std::size_t old_at = 0;
    std::size_t bytes = 0;

    [[nodiscard]] std::size_t new_end() const { return new_at + bytes; }
    [[nodiscard]] std::size_t old_end() const { return old_at + bytes; }
    /// Which diagonal of the old-by-new plane it lies on; modulo 2^64.
    [[nodiscard]] std::size_t diagonal() const { return old_at - new_at; }
    bool operator==(const Cover&) const = default;
};

/// Covers in the order of the new image, without overlap there.
using Covers = std::vector<Cover>;

/// An exact match in the old image.
struct Match {
    std::size_t old_at = 0;
    std::size_t bytes = 0;
};

/// Finds exact matches in the old image (a suffix array: 5 bytes of memory per byte of the image).
class SuffixIndex {
public:
    /// Requires: `old` outlives the index. Throws std::length_error from 2 GiB, std::bad_alloc.
    explicit SuffixIndex(Bytes old);

    /// The longest match of a prefix of `target`; of several one that is a neighbour in the suffix array.
    [[nodiscard]] Match longest(Bytes target) const;

private:
    Bytes old_;
    std::vector<std::int32_t> suffixes_;
};

/// The longest match at each place of a new image, looked up when it is first asked for and then kept.
class MatchTable {
public:
    /// Requires: `index` and `new_image` outlive the table.
    MatchTable(const SuffixIndex& index, Bytes new_image);
    [[nodiscard]] Match at(std::size_t new_at);

private:
    static constexpr std::uint32_t unknown = ~0U;
    const SuffixIndex& index_;
    Bytes new_;
    std::vector<std::uint32_t> old_at_, bytes_;
};

/// How eagerly find_covers() leaves the diagonal that it is on.
struct CoverTuning {
    std::size_t better_by = 8;  ///< a new diagonal must match this many bytes more than the present one
};

/// Covers by the method of Percival, "Naive differences of executable code" (2003): go along the present diagonal
/// until an exact match elsewhere is clearly longer, and extend the covers over near-matches from both ends.
[[nodiscard]] Covers find_covers(Bytes old, Bytes new_image, MatchTable& matches, const CoverTuning& tuning,
                                 const std::function<void(double fraction)>& progress = {});

/// Joins covers that follow each other on one diagonal when the bytes between them differ in so few places that a
/// cover over the gap costs less than the gap's bytes and another cover.
[[nodiscard]] Covers join_covers(Bytes old, Bytes new_image, const Covers& covers);

/// Leaves out covers that save less than they cost: `cover_bytes` is the price of one more cover.
[[nodiscard]] Covers drop_poor_covers(Bytes old, Bytes new_image, Covers covers, double cover_bytes);

}  // namespace sb::diff
