#include "tools/diff/block_covers.hpp"

#include <algorithm>
#include <stdexcept>

namespace sb::diff {
namespace {

/// A gap this short is a change within a cover.
constexpr std::size_t short_gap = 24;
/// So many equal bytes where the present diagonal goes on are no chance.
constexpr std::size_t resuming_bytes = 16;
/// Old bytes gathered beside an equal stretch at least.
constexpr std::size_t least_margin = 4096;

void read_or_throw(Reader& reader, std::uint64_t at, MutableBytes to, const char* what) {
    if (!reader.read(static_cast<std::uint32_t>(at), to)) throw std::runtime_error(what);
}

/// The old image through a window that jumps.
class OldWindow {
public:
    OldWindow(Reader& old, std::size_t window_bytes) : old_(old), room_(window_bytes) {}

    [[nodiscard]] std::uint64_t old_bytes() const { return old_.bytes(); }

    /// Bytes from `at` on, as many as are at hand: at least one, if the image has it.
    Bytes from(std::uint64_t at) {
        if (at >= old_bytes()) return {};
        if (at < at_ || at >= at_ + held_) {
            at_ = at / align * align;
            load();
        }
        return Bytes(room_).subspan(static_cast<std::size_t>(at - at_), static_cast<std::size_t>(at_ + held_ - at));
    }
    /// Bytes before `end`, as many as are at hand: at least one, if there is one.
    Bytes before(std::uint64_t end) {
        if (end == 0) return {};
        if (end <= at_ || end > at_ + held_) {
            at_ = end > room_.size() ? (end - room_.size() + align - 1) / align * align : 0;
            if (at_ >= end) at_ -= align;
            load();
        }
        return Bytes(room_).first(static_cast<std::size_t>(end - at_));
    }

private:
    static constexpr std::uint64_t align = 4096;

    void load() {
        held_ = static_cast<std::size_t>(std::min<std::uint64_t>(room_.size(), old_bytes() - at_));
        read_or_throw(old_, at_, MutableBytes(room_).first(held_), "cannot read the old file");
    }

    Reader& old_;
    std::vector<std::uint8_t> room_;
    std::uint64_t at_ = 0;
    std::size_t held_ = 0;
};

std::size_t equal_forward(OldWindow& old, std::uint64_t old_at, Bytes image) {
    std::size_t done = 0;
    while (done < image.size()) {
        const Bytes there = old.from(old_at + done);
        const std::size_t count = std::min(there.size(), image.size() - done);
        if (count == 0) break;
        const auto differ = std::mismatch(there.begin(), there.begin() + static_cast<std::ptrdiff_t>(count),
                                          image.begin() + static_cast<std::ptrdiff_t>(done));
        const auto same = static_cast<std::size_t>(differ.first - there.begin());
        done += same;
        if (same != count) break;
    }
    return done;
}

/// How many bytes before `old_end` equal those at the end of `image`.
std::size_t equal_backward(OldWindow& old, std::uint64_t old_end, Bytes image) {
    std::size_t done = 0;
    while (done < image.size() && done < old_end) {
        const Bytes there = old.before(old_end - done);
        const std::size_t count = std::min(there.size(), image.size() - done);
        std::size_t same = 0;
        while (same < count && there[there.size() - 1 - same] == image[image.size() - 1 - done - same]) ++same;
        done += same;
        if (same != count) break;
    }
    return done;
}

/// Finds what of a block stands in the old image as it is.
class EqualStretches {
public:
    EqualStretches(Reader& old, const RollingIndex& index)
        : index_(index), hash_(index.block_bytes()), present_(old, 1U << 18), other_(old, 1U << 16) {}

    /// `expected`: where the old image goes on if nothing changed; afterwards where it does behind this block.
    Covers find(Bytes image, std::uint64_t& expected) {
        Covers found;
        const std::size_t window = index_.block_bytes();
        std::uint64_t diagonal = expected;  // old - new, modulo 2^64
        std::size_t end = 0;                // of what is found
        bool hashed = false;
        for (std::size_t at = 0; at < image.size();) {
            Cover cover = on_diagonal(image, at, diagonal);
            if (cover.bytes == 0 && image.size() - at >= window) {
                if (!hashed) hash_.start(image.subspan(at, window));
                hashed = true;
                cover = elsewhere(image, at, end);
            }
            if (cover.bytes != 0) {
                found.push_back(cover);
                diagonal = cover.diagonal();
                at = end = cover.new_end();
                hashed = false;
                continue;
            }
            if (hashed && at + window < image.size())
                hash_.roll(image[at], image[at + window]);
            else
                hashed = false;
            ++at;
        }
        expected = diagonal + image.size();
        return found;
    }

private:
    Cover on_diagonal(Bytes image, std::size_t at, std::uint64_t diagonal) {
        const std::uint64_t old_at = at + diagonal;
        if (old_at >= present_.old_bytes() || present_.from(old_at)[0] != image[at]) return {};
        const std::size_t same = equal_forward(present_, old_at, image.subspan(at));
        if (same < std::min(resuming_bytes, image.size() - at)) return {};
        return {at, static_cast<std::size_t>(old_at), same};
    }

    Cover elsewhere(Bytes image, std::size_t at, std::size_t not_before) {
        const auto old_at = index_.find(hash_.value());
        if (!old_at) return {};
        const std::size_t same = equal_forward(other_, *old_at, image.subspan(at));
        if (same < index_.block_bytes()) return {};
        const std::size_t back = equal_backward(other_, *old_at, image.subspan(not_before, at - not_before));
        return {at - back, *old_at - back, same + back};
    }

    const RollingIndex& index_;
    RollingHash hash_;
    OldWindow present_, other_;
};

/// Stretches of the old image, one behind the other in memory.
class Gathered {
public:
    explicit Gathered(Reader& old, std::size_t limit_bytes) : old_(old), limit_(limit_bytes) {}

    /// Takes what stands around `covers` and at `expected`, as far as the limit allows; where most is equal goes first.
    void gather(const Covers& covers, std::uint64_t expected) {
        const std::uint64_t there = std::min<std::uint64_t>(expected, old_.bytes());
        std::vector<Range> known{around(there, there, least_margin)};
        for (const Cover& c : covers) known.push_back(around(c.old_at, c.old_end(), least_margin));
        known = merged(std::move(known));
        std::vector<Range> taken;
        std::uint64_t left = limit_;
        std::ranges::stable_sort(known, std::ranges::greater{}, [](const Range& r) { return r.to - r.from; });
        for (Range r : known) {
            r.to = std::min(r.to, r.from + left);
            if (r.from < r.to) taken.push_back(r);
            left -= r.to - r.from;
        }
        read(widened(merged(std::move(taken)), left));
    }

    [[nodiscard]] Bytes bytes() const { return bytes_; }

    /// Where old[from, from + bytes) stands here, if all of it does.
    [[nodiscard]] std::optional<std::size_t> place_of(std::uint64_t from, std::size_t count) const {
        for (const Piece& piece : pieces_)
            if (from >= piece.old_from && from + count <= piece.old_from + piece.bytes)
                return piece.at + static_cast<std::size_t>(from - piece.old_from);
        return std::nullopt;
    }

    /// Calls `use` with each part of `cover`, which stands here, that lies in one piece; its old place is the true one.
    template <class Use>
    void split(Cover cover, Use use) const {
        for (const Piece& piece : pieces_) {
            const std::size_t from = std::max(cover.old_at, piece.at);
            const std::size_t to = std::min(cover.old_end(), piece.at + piece.bytes);
            if (from >= to) continue;
            use(Cover{cover.new_at + (from - cover.old_at),
                      static_cast<std::size_t>(piece.old_from) + (from - piece.at), to - from},
                Bytes(bytes_).subspan(from, to - from));
        }
    }

private:
    struct Range {
        std::uint64_t from, to;
    };
    struct Piece {
        std::uint64_t old_from;
        std::size_t at, bytes;
    };

    [[nodiscard]] Range around(std::uint64_t from, std::uint64_t to, std::uint64_t margin) const {
        return {from - std::min(from, margin), std::min<std::uint64_t>(to + margin, old_.bytes())};
    }
    static std::vector<Range> merged(std::vector<Range> ranges) {
        std::ranges::sort(ranges, {}, &Range::from);
        std::vector<Range> result;
        for (const Range& r : ranges) {
            if (!result.empty() && r.from <= result.back().to)
                result.back().to = std::max(result.back().to, r.to);
            else
                result.push_back(r);
        }
        return result;
    }
    /// Shares out what is left of the limit.
    [[nodiscard]] std::vector<Range> widened(std::vector<Range> ranges, std::uint64_t left) const {
        if (ranges.empty()) return ranges;
        for (Range& r : ranges) r = around(r.from, r.to, left / (2 * ranges.size()));
        return merged(std::move(ranges));
    }
    void read(const std::vector<Range>& ranges) {
        pieces_.clear();
        std::uint64_t total = 0;
        for (const Range& r : ranges) total += r.to - r.from;
        bytes_.resize(static_cast<std::size_t>(total));
        std::size_t at = 0;
        for (const Range& r : ranges) {
            const auto count = static_cast<std::size_t>(r.to - r.from);
            read_or_throw(old_, r.from, MutableBytes(bytes_).subspan(at, count), "cannot read the old file");
            pieces_.push_back({r.from, at, count});
            at += count;
        }
    }

    Reader& old_;
    std::size_t limit_;
    std::vector<std::uint8_t> bytes_;
    std::vector<Piece> pieces_;
};

class BlockCoverer {
public:
    BlockCoverer(Reader& old, const RollingIndex& index, const BlockRequest& request)
        : request_(request), equal_(old, index), gathered_(old, request.limits.gathered_bytes) {}

    void cover(CoveredBlock& block) {
        const std::uint64_t expected = expected_;
        const Covers equal = equal_.find(block.image, expected_);
        if (equal.size() == 1 && equal[0].bytes == block.image.size()) {
            add(block, equal[0], block.image);
            return;
        }
        gathered_.gather(equal, expected);
        Covers here;  // as they stand in what is gathered
        for (const Cover& c : equal)
            if (const auto at = gathered_.place_of(c.old_at, c.bytes)) here.push_back({c.new_at, *at, c.bytes});
        const CoverPrices prices = measured_prices(gathered_.bytes(), block.image, here, request_.scales);
        look_into_gaps(block.image, here);
        const CoverCandidates candidates(gathered_.bytes(), block.image, std::move(here));
        for (const Cover& chosen : select_covers(gathered_.bytes(), block.image, candidates, prices))
            gathered_.split(chosen, [&](const Cover& c, Bytes old) { add(block, c, old); });
        if (!block.parts.empty()) {
            const Cover& last = block.parts.back().cover;
            expected_ = last.old_end() + (block.from + block.image.size() - last.new_end());
        }
    }

private:
    void add(CoveredBlock& block, const Cover& cover, Bytes old) const {
        if (cover.bytes < request_.min_bytes) return;
        block.parts.push_back({{block.from + cover.new_at, cover.old_at, cover.bytes}, old});
    }

    /// Adds near-matches for what is not equal anywhere.
    void look_into_gaps(Bytes image, Covers& covers) const {
        const std::size_t known = covers.size();
        std::optional<SuffixIndex> index;
        std::size_t end = 0;
        for (std::size_t i = 0; i <= known; ++i) {
            const std::size_t next = i == known ? image.size() : covers[i].new_at;
            if (next - end >= short_gap) {
                if (!index) index.emplace(gathered_.bytes(), IndexShape{1, 1});
                look_into(image, end, next, *index, covers);
            }
            if (i != known) end = covers[i].new_end();
        }
    }

    void look_into(Bytes image, std::size_t from, std::size_t to, const SuffixIndex& index, Covers& covers) const {
        const Bytes gap = image.subspan(from, to - from);
        for (const std::size_t better_by : {std::size_t{2}, std::size_t{8}}) {
            MatchTable matches(index, gap, 1U << 12);
            for (Cover c : find_covers(gathered_.bytes(), gap, matches, {better_by, 8})) {
                c.new_at += from;
                covers.push_back(c);
            }
        }
    }

    const BlockRequest& request_;
    EqualStretches equal_;
    Gathered gathered_;
    std::uint64_t expected_ = 0;
};

constexpr std::uint64_t least_memory_bytes = std::uint64_t{40} << 20;

/// How the memory of the whole process is shared out.
BlockLimits limits_for(std::uint64_t memory_bytes) {
    // The program itself, bzip2 twice, windows and buffers.
    constexpr std::uint64_t fixed = std::uint64_t{32} << 20;
    constexpr std::uint64_t most = std::uint64_t{4} << 30;
    const auto rest = static_cast<std::size_t>(std::min(memory_bytes, most) - fixed);
    const std::size_t gathered = rest / 2 / 7;
    return {rest / 2, gathered, gathered / 2};
}

}  // namespace

BlockRequest block_request(const DiffOptions& options) {
    if (options.memory_bytes < least_memory_bytes)
        throw OptionError("too little memory to compare in: give at least 40M");
    BlockRequest request;
    request.limits = limits_for(options.memory_bytes);
    request.min_bytes = options.min_cover_bytes;
    if (options.progress) request.progress = [&options](double fraction) { options.progress(0.9 * fraction); };
    return request;
}

void cover_blocks(Reader& old, Reader& new_image, const BlockRequest& request,
                  const std::function<void(const CoveredBlock&)>& use) {
    const auto report = [&](double fraction) {
        if (request.progress) request.progress(fraction);
    };
    const RollingIndex index(old, request.limits.table_bytes, [&](double fraction) { report(0.2 * fraction); });
    BlockCoverer coverer(old, index, request);
    std::vector<std::uint8_t> room(std::min<std::size_t>(request.limits.block_bytes, new_image.bytes()));
    for (std::uint32_t from = 0; from < new_image.bytes();) {
        const std::size_t count = std::min<std::size_t>(room.size(), new_image.bytes() - from);
        const MutableBytes image = MutableBytes(room).first(count);
        read_or_throw(new_image, from, image, "cannot read the new file");
        CoveredBlock block{from, image, {}};
        coverer.cover(block);
        use(block);
        from += static_cast<std::uint32_t>(count);
        report(0.2 + 0.8 * from / new_image.bytes());
    }
}

}  // namespace sb::diff
