#include "tools/diff/sbd/match_finder.hpp"

#include <divsufsort.h>
#include <divsufsort64.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

#include "tools/diff/parallel.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t longest_told = std::numeric_limits<std::uint16_t>::max();
/// Offsets, and sums of an offset and a block's length, have 32 bits.
constexpr std::size_t most_bytes = std::numeric_limits<std::uint32_t>::max() - std::size_t{1 << 16};
/// Suffixes that one task measures.
constexpr std::size_t task_bytes = std::size_t{1} << 19;

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

/// Goes from a rank in one direction; the suffixes on the way have less and less in common with the first one.
class Walk {
public:
    Walk(std::span<const std::uint16_t> common, std::size_t rank, bool up, std::uint32_t steps, std::uint32_t min_match)
        : common_(common), rank_(rank), up_(up), steps_(steps), min_match_(min_match) {
        next();
    }
    void next() {
        const bool edge = up_ ? rank_ + 1 >= common_.size() : rank_ == 0;
        if (edge || steps_ == 0) {
            bytes_ = 0;
            return;
        }
        --steps_;
        bytes_ = std::min<std::uint32_t>(bytes_, common_[up_ ? rank_ + 1 : rank_]);
        rank_ = up_ ? rank_ + 1 : rank_ - 1;
        if (bytes_ < min_match_) bytes_ = 0;
    }
    /// Bytes in common with the first suffix; 0: the walk is over.
    [[nodiscard]] std::uint32_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t rank() const { return rank_; }

private:
    std::span<const std::uint16_t> common_;
    std::size_t rank_;
    bool up_;
    std::uint32_t steps_, min_match_;
    std::uint32_t bytes_ = longest_told;
};

}  // namespace

std::uint32_t Visibility::lowest_old(std::uint32_t new_at, std::uint32_t new_bytes) const {
    if (segment_bytes == 0) return 0;
    const std::uint64_t end = std::min<std::uint64_t>(round_up(std::uint64_t{new_at} + 1, segment_bytes), new_bytes);
    const std::uint64_t erased = round_up(end, std::max<std::uint32_t>(erase_bytes, 1));
    return erased <= shift_bytes ? 0 : static_cast<std::uint32_t>(erased - shift_bytes);
}

std::uint32_t Visibility::next_change(std::uint32_t new_at, std::uint32_t new_bytes) const {
    if (segment_bytes == 0) return new_bytes;
    const std::uint64_t end = round_up(std::uint64_t{new_at} + 1, segment_bytes);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(end, new_bytes));
}

MatchFinder::MatchFinder(Bytes old, Bytes new_image, const MatchLimits& limits, unsigned threads,
                         const std::function<void(double fraction)>& progress)
    : old_(old), new_(new_image), limits_(limits) {
    if (old.size() + new_image.size() > most_bytes) throw std::length_error("both images together are 4 GiB or larger");
    limits_.min_match = std::max<std::uint32_t>(limits_.min_match, 1);
    text_.reserve(old.size() + new_image.size());
    text_.insert(text_.end(), old.begin(), old.end());
    text_.insert(text_.end(), new_image.begin(), new_image.end());
    sort();
    if (progress) progress(0.6);
    measure_common_prefixes(threads);
    if (progress) progress(1);
}

void MatchFinder::sort() {
    suffixes_.resize(text_.size());
    if (text_.empty()) return;
    if (!limits_.wide && text_.size() <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        auto* const offsets = reinterpret_cast<std::int32_t*>(suffixes_.data());
        if (divsufsort(text_.data(), offsets, static_cast<std::int32_t>(text_.size())) != 0) throw std::bad_alloc();
        return;
    }
    std::vector<std::int64_t> offsets(text_.size());
    if (divsufsort64(text_.data(), offsets.data(), static_cast<std::int64_t>(text_.size())) != 0)
        throw std::bad_alloc();
    std::transform(offsets.begin(), offsets.end(), suffixes_.begin(),
                   [](std::int64_t offset) { return static_cast<std::uint32_t>(offset); });
}

/// The method of Kasai et al., "Linear-time longest-common-prefix computation in suffix arrays" (2001): the suffix that
/// begins one byte later has at most one byte less in common with its neighbour.
void MatchFinder::measure_common_prefixes(unsigned threads) {
    const std::size_t bytes = text_.size();
    ranks_.resize(bytes);
    for (std::size_t rank = 0; rank < bytes; ++rank) ranks_[suffixes_[rank]] = static_cast<std::uint32_t>(rank);
    common_.resize(bytes);
    run_parallel((bytes + task_bytes - 1) / task_bytes, thread_count(threads), [&](std::size_t task) {
        std::size_t same = 0;
        for (std::size_t at = task * task_bytes; at < std::min(bytes, (task + 1) * task_bytes); ++at) {
            const std::size_t rank = ranks_[at];
            if (rank == 0) {
                same = 0;
                continue;
            }
            const std::size_t other = suffixes_[rank - 1];
            const std::size_t limit = bytes - std::max(at, other);
            while (same < limit && text_[at + same] == text_[other + same]) ++same;
            common_[rank] = static_cast<std::uint16_t>(std::min<std::size_t>(same, longest_told));
            same -= same != 0;
        }
    });
    // those of the old image are not asked for
    ranks_ = std::vector<std::uint32_t>(ranks_.begin() + static_cast<std::ptrdiff_t>(old_.size()), ranks_.end());
}

/// How much of a match at `source_at` a decoder can read when it comes to it.
std::uint32_t MatchFinder::readable_bytes(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) const {
    const auto old_bytes = static_cast<std::uint32_t>(old_.size()), new_bytes = static_cast<std::uint32_t>(new_.size());
    if (source_at >= old_bytes) return source_at - old_bytes < new_at ? bytes : 0;
    bytes = std::min(bytes, old_bytes - source_at);
    if (limits_.visible.segment_bytes == 0) return bytes;
    for (std::uint32_t at = new_at; at < new_at + bytes; at = limits_.visible.next_change(at, new_bytes))
        if (source_at + (at - new_at) < limits_.visible.lowest_old(at, new_bytes)) return at - new_at;
    return bytes;
}

std::size_t MatchFinder::find(std::uint32_t new_at, Matches which, std::span<DiagonalMatch> room) const {
    const std::size_t own = old_.size() + new_at;
    const bool any_begin = which == Matches::all || new_at == 0;
    Walk down(common_, ranks_[new_at], false, limits_.neighbours, limits_.min_match);
    Walk up(common_, ranks_[new_at], true, limits_.neighbours, limits_.min_match);
    std::size_t count = 0;
    bool cut = false;
    while (count < room.size() && (down.bytes() != 0 || up.bytes() != 0)) {
        Walk& walk = up.bytes() > down.bytes() ? up : down;
        const std::uint32_t source_at = suffixes_[walk.rank()];
        const std::uint32_t found = walk.bytes();
        walk.next();
        const bool begins = source_at == 0 || source_at == old_.size() || text_[source_at - 1] != text_[own - 1];
        if (!any_begin && !begins) continue;
        const std::uint32_t bytes = readable_bytes(new_at, source_at, found);
        if (bytes < limits_.min_match) continue;
        room[count++] = {source_at - new_at, bytes};
        cut = cut || bytes != found;
    }
    if (cut)
        std::stable_sort(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count),
                         [](const DiagonalMatch& a, const DiagonalMatch& b) { return a.bytes > b.bytes; });
    return count;
}

}  // namespace sb::diff
