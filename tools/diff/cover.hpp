// tools/diff: the one matching core. A cover says that a stretch of the new image looks like a stretch of the old
// one: mostly equal bytes, with some that differ (a changed address in moved code). Every patch format is then only
// a way to write down a list of covers.
#pragma once

#include <functional>
#include <vector>

#include "core/base/bytes.hpp"
#include "tools/diff/big_buffer.hpp"

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

/// How a SuffixIndex is laid out; zeros: as is best for the size of the image.
struct IndexShape {
    std::size_t parts = 0;   ///< pieces of the old image, sorted one after another
    std::size_t stride = 0;  ///< of this many suffixes one is kept
    bool wide = false;       ///< sort with 64-bit offsets, as parts of 2 GiB need it
};

/// Finds exact matches in the old image: a suffix array of it, whole for small images (5 bytes of memory per byte of
/// the image). Large images are sorted in two halves, and of both every fourth suffix is kept: 3.5 bytes of memory per
/// byte while it is made, 2 from then on, the image included. What that loses are some bytes at the start of a match,
/// and MatchTable gives most of them back.
class SuffixIndex {
public:
    /// Requires: `old` outlives the index. Throws std::length_error from 4 GiB, std::bad_alloc.
    explicit SuffixIndex(Bytes old, IndexShape shape = {});

    /// The longest match of a prefix of `target` among the suffixes that are kept; of several one that is a neighbour
    /// in the suffix array.
    [[nodiscard]] Match longest(Bytes target) const;

    [[nodiscard]] Bytes old_image() const { return old_; }
    [[nodiscard]] std::size_t stride() const { return stride_; }

private:
    struct Part {
        std::size_t from = 0;
        Bytes text;
        BigBuffer memory{};
        std::uint32_t* suffixes = nullptr;  ///< in that memory
        std::size_t count = 0;
        std::vector<std::uint32_t> first{};  ///< rank of the first suffix that begins with two bytes; may be empty

        void sort(std::size_t own, std::size_t stride, bool wide);
        void shrink(std::size_t own, std::size_t stride);
        void find_first(std::size_t own, std::size_t stride);
        [[nodiscard]] Match longest(Bytes target) const;
    };

    Bytes old_;
    std::size_t stride_ = 1;
    std::vector<Part> parts_;
};

/// The longest match at each place of a new image, looked up when it is asked for and kept for a while.
class MatchTable {
public:
    static constexpr std::size_t usual_slots = std::size_t{1} << 20;
    /// Requires: `index` and `new_image` outlive the table. `slots`: how many matches it keeps, of 16 bytes each.
    MatchTable(const SuffixIndex& index, Bytes new_image, std::size_t slots = usual_slots);
    [[nodiscard]] Match at(std::size_t new_at);

private:
    struct Slot {
        std::uint32_t new_at = ~0U;
        std::uint32_t old_at = 0;
        std::uint32_t bytes = 0;
    };
    /// What the index says, without the suffixes that it does not keep.
    Match kept(std::size_t new_at);

    const SuffixIndex& index_;
    Bytes new_;
    std::vector<Slot> slots_;
};

/// How eagerly find_covers() leaves the diagonal that it is on.
struct CoverTuning {
    std::size_t better_by = 8;  ///< a new diagonal must match this many bytes more than the present one
    std::size_t min_bytes = 1;  ///< shorter covers are left out
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
