// Induced sorting (SA-IS: Nong, Zhang and Chan, "Two Efficient Algorithms for Linear Time Suffix Array Construction",
// 2011). The words of that paper: a suffix is of type S when it is smaller than the one that begins a byte later, else
// of type L. A suffix of type S behind one of type L is an LMS suffix; a piece goes from one of these to the next. From
// the LMS suffixes in order, one pass from the left puts all of type L in order, then one from the right all of type S.
#include "tools/diff/suffix_sort.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sb::diff {
namespace {

/// Passes touch the text this many ranks before they need it: each look would else wait for memory.
constexpr int ahead = 24;

/// In the array of ranks a negative number is a suffix (its complement) that waits for the next pass. 0 is also "none",
/// as no pass does anything with suffix 0: nothing stands before it. Choices that are as good as random are computed
/// and not branched on: a wrong guess of the processor costs more than all the rest of a step.
template <class Symbol, class Index>
class Sorter {
public:
    /// Requires: two buckets for each symbol.
    Sorter(const Symbol* text, std::span<Index> ranks, std::span<Index> buckets)
        : text_(text),
          ranks_(ranks.data()),
          end_(static_cast<Index>(ranks.size())),
          buckets_(buckets.first(buckets.size() / 2)),
          counts_(buckets.subspan(buckets.size() / 2)) {}

    void sort() {
        if (end_ == 0) return;
        std::ranges::fill(counts_, Index{0});
        for (Index at = 0; at < end_; ++at) ++counts_[place(text_[at])];
        const Index count = gather();
        if (count > 1) {
            order_pieces(count);
            const Index names = name_pieces(count);
            if (names < count) order_by_names(count, names);
            spread(count);
        }
        order_larger();
        order_smaller();
    }

private:
    [[nodiscard]] static std::size_t place(Symbol symbol) { return static_cast<std::size_t>(symbol); }
    /// `at`, or its complement where `waits`.
    [[nodiscard]] static Index marked(Index at, bool waits) { return at ^ -static_cast<Index>(waits); }
    [[nodiscard]] Symbol before(Index at) const { return text_[at - (at > 0 ? 1 : 0)]; }
    void touch(Index at) const { __builtin_prefetch(text_ + std::max<Index>(at, 1) - 1); }

    void buckets_from_begin() {
        Index sum = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            buckets_[i] = sum;
            sum += counts_[i];
        }
    }
    void buckets_from_end() {
        Index sum = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] = sum += counts_[i];
    }
    void put_at_begin(Index at, bool waits) const { ranks_[buckets_[place(text_[at])]++] = marked(at, waits); }
    void put_at_end(Index at, bool waits) const { ranks_[--buckets_[place(text_[at])]] = marked(at, waits); }

    /// From the last LMS suffix to the first.
    template <class Act>
    void for_each_lms(Act act) const {
        Index later = static_cast<Index>(text_[end_ - 1]);
        Index later_is_smaller = 0;  // its type: 1 for S
        for (Index at = end_ - 2; at >= 0; --at) {
            const auto here = static_cast<Index>(text_[at]);
            const Index smaller = here < later + later_is_smaller ? 1 : 0;
            if (smaller < later_is_smaller) act(at + 1);
            later_is_smaller = smaller;
            later = here;
        }
    }

    /// Puts the LMS suffixes into their buckets, in any order; says how many there are.
    Index gather() {
        std::fill_n(ranks_, end_, Index{0});
        buckets_from_end();
        Index count = 0;
        for_each_lms([&](Index at) {
            put_at_end(at, false);
            ++count;
        });
        return count;
    }

    /// Leaves the LMS suffixes at the begin of the ranks, by the order of their pieces, and 0 behind them.
    void order_pieces(Index count) {
        buckets_from_begin();
        put_at_begin(end_ - 1, before(end_ - 1) < text_[end_ - 1]);
        for (Index rank = 0; rank < end_; ++rank) {
            if (end_ - rank > ahead) touch(ranks_[rank + ahead]);
            const Index at = ranks_[rank];
            ranks_[rank] = std::min<Index>(at, 0);
            if (at > 0) put_at_begin(at - 1, before(at - 1) < text_[at - 1]);
        }
        buckets_from_end();
        Index kept = end_;
        for (Index rank = end_ - 1; rank >= 0; --rank) {
            if (rank >= ahead) touch(~ranks_[rank - ahead]);
            const Index at = ranks_[rank];
            ranks_[rank] = 0;
            if (at < ~Index{0}) put_at_end(~at - 1, before(~at - 1) <= text_[~at - 1]);
            if (at > 0) ranks_[--kept] = at;  // LMS; what stood there was read
        }
        std::copy(ranks_ + kept, ranks_ + end_, ranks_);
        std::fill(ranks_ + count, ranks_ + end_, Index{0});
    }

    /// Where the name of the piece at `at` is kept: no two LMS suffixes stand side by side.
    [[nodiscard]] Index& name_of(Index count, Index at) const { return ranks_[count + at / 2]; }

    [[nodiscard]] bool same_piece(Index one, Index other, Index length) const {
        return std::max(one, other) <= end_ - length && std::equal(text_ + one, text_ + one + length, text_ + other);
    }

    /// Names the pieces 1, 2 … by their order, equal ones equally; says how many names there are.
    Index name_pieces(Index count) const {
        Index next = end_;
        for_each_lms([&](Index at) {
            name_of(count, at) = next - at + 1;  // its length at first, with the first symbol of the next piece
            next = at;
        });
        Index names = 0, last = 0, last_length = 0;
        for (Index rank = 0; rank < count; ++rank) {
            if (count - rank > ahead) __builtin_prefetch(&name_of(count, ranks_[rank + ahead]));
            const Index at = ranks_[rank];
            Index& name = name_of(count, at);
            const Index length = name;
            if (length != last_length || !same_piece(at, last, length)) ++names;
            name = names;
            last = at;
            last_length = length;
        }
        return names;
    }

    /// Orders the LMS suffixes: as the suffixes of the text of their names, which is at most half as long.
    void order_by_names(Index count, Index names) {
        Index* const shorter = ranks_ + end_ - count;
        Index to = count;
        for (Index from = std::min<Index>(count + end_ / 2, end_ - 1); from >= count; --from)
            if (ranks_[from] != 0) shorter[--to] = ranks_[from] - 1;
        const auto size = static_cast<std::size_t>(count), room = static_cast<std::size_t>(end_ - 2 * count);
        std::vector<Index> more;
        std::span<Index> buckets(ranks_ + count, room);
        if (room / 2 < static_cast<std::size_t>(names)) {
            more.resize(2 * static_cast<std::size_t>(names));
            buckets = more;
        }
        Sorter<Index, Index>(shorter, std::span(ranks_, size), buckets.first(2 * static_cast<std::size_t>(names)))
            .sort();
        to = count;
        for_each_lms([&](Index at) { shorter[--to] = at; });
        for (Index rank = 0; rank < count; ++rank) ranks_[rank] = shorter[ranks_[rank]];
    }

    /// Moves the LMS suffixes, in their order, to the ends of their buckets.
    void spread(Index count) {
        std::fill(ranks_ + count, ranks_ + end_, Index{0});
        buckets_from_end();
        for (Index rank = count - 1; rank >= 0; --rank) {
            const Index at = ranks_[rank];
            ranks_[rank] = 0;
            put_at_end(at, false);
        }
    }

    void order_larger() {
        buckets_from_begin();
        put_at_begin(end_ - 1, before(end_ - 1) < text_[end_ - 1]);
        for (Index rank = 0; rank < end_; ++rank) {
            if (end_ - rank > ahead) touch(ranks_[rank + ahead]);
            const Index at = ranks_[rank];
            ranks_[rank] = ~at;  // what waits for the next pass becomes positive
            if (at > 0) put_at_begin(at - 1, before(at - 1) < text_[at - 1]);
        }
    }
    void order_smaller() {
        buckets_from_end();
        for (Index rank = end_ - 1; rank >= 0; --rank) {
            if (rank >= ahead) touch(ranks_[rank - ahead]);
            const Index at = ranks_[rank];
            if (at <= 0)
                ranks_[rank] = ~at;
            else
                put_at_end(at - 1, at == 1 || before(at - 1) > text_[at - 1]);
        }
    }

    const Symbol* text_;
    Index* ranks_;
    Index end_;
    std::span<Index> buckets_;  ///< where the next one goes
    std::span<Index> counts_;   ///< of each symbol
};

template <class Index>
void sort_bytes(Bytes text, std::span<Index> ranks) {
    std::array<Index, 2 * 256> buckets;
    Sorter<std::uint8_t, Index>(text.data(), ranks, buckets).sort();
}

}  // namespace

void sort_suffixes(Bytes text, std::span<std::int32_t> ranks) {
    sort_bytes(text, ranks);
}
void sort_suffixes(Bytes text, std::span<std::int64_t> ranks) {
    sort_bytes(text, ranks);
}

}  // namespace sb::diff
