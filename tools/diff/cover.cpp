#include "tools/diff/cover.hpp"

#include <algorithm>
#include <cmath>

namespace sb::diff {
namespace {

/// Walks the new image and collects covers; `anchor_` is the exact match that the present cover grew from.
class CoverFinder {
public:
    CoverFinder(Bytes old, Bytes new_image, MatchTable& matches, const CoverTuning& tuning)
        : old_(old), new_(new_image), matches_(matches), tuning_(tuning) {}

    Covers run(const std::function<void(double)>& progress) {
        for (std::size_t from = 0;;) {
            const Cover next = next_anchor(from);
            const bool end = next.new_at == new_.size();
            if (end || next.bytes != agreeing_) settle(next);
            if (end) break;
            from = next.new_end();
            if (progress) progress(static_cast<double>(from) / static_cast<double>(new_.size()));
        }
        return std::move(covers_);
    }

private:
    /// Whether the present diagonal predicts the byte at `new_at`.
    [[nodiscard]] bool agrees(std::size_t new_at) const {
        const std::size_t old_at = new_at + anchor_.diagonal();
        return old_at < old_.size() && old_[old_at] == new_[new_at];
    }

    /// The first match from `from` on that is clearly better than to stay on the diagonal, or that lies on it (then
    /// its length is `agreeing_`).
    Cover next_anchor(std::size_t from) {
        agreeing_ = 0;
        std::size_t counted = from;
        for (std::size_t at = from; at < new_.size(); ++at) {
            const Match match = matches_.at(at);
            for (; counted < at + match.bytes; ++counted) agreeing_ += agrees(counted);
            const bool on_diagonal = match.bytes == agreeing_ && match.bytes != 0;
            if (on_diagonal || match.bytes > agreeing_ + tuning_.better_by) return {at, match.old_at, match.bytes};
            if (counted > at) agreeing_ -= agrees(at);
            counted = std::max(counted, at + 1);
        }
        return {new_.size(), 0, 0};
    }

    /// Ends the present cover before `next`, extends both towards each other, and makes `next` the present one.
    void settle(const Cover& next) {
        std::size_t forward = reach_forward(next.new_at);
        std::size_t backward = next.new_at < new_.size() ? reach_backward(next) : 0;
        const std::size_t gap = next.new_at - anchor_.new_at;
        if (forward + backward > gap) {
            const std::size_t overlap = forward + backward - gap;
            const std::size_t keep = best_split(next, forward - overlap, next.new_at - backward, overlap);
            forward = forward - overlap + keep;
            backward -= keep;
        }
        if (forward >= tuning_.min_bytes) covers_.push_back({anchor_.new_at, anchor_.old_at, forward});
        anchor_ = {next.new_at - backward, next.old_at - backward, 0};
    }

    /// How far the present cover goes before `limit` so that most of its bytes agree.
    [[nodiscard]] std::size_t reach_forward(std::size_t limit) const {
        std::size_t best = 0;
        std::ptrdiff_t score = 0, best_score = 0;
        for (std::size_t i = 0; anchor_.new_at + i < limit && anchor_.old_at + i < old_.size(); ++i) {
            score += old_[anchor_.old_at + i] == new_[anchor_.new_at + i] ? 1 : -1;
            if (score > best_score) {
                best_score = score;
                best = i + 1;
            }
        }
        return best;
    }

    [[nodiscard]] std::size_t reach_backward(const Cover& next) const {
        std::size_t best = 0;
        std::ptrdiff_t score = 0, best_score = 0;
        for (std::size_t i = 1; next.new_at >= anchor_.new_at + i && next.old_at >= i; ++i) {
            score += old_[next.old_at - i] == new_[next.new_at - i] ? 1 : -1;
            if (score > best_score) {
                best_score = score;
                best = i;
            }
        }
        return best;
    }

    /// How many of `overlap` bytes, claimed by both covers, the present one keeps.
    [[nodiscard]] std::size_t best_split(const Cover& next, std::size_t present_at, std::size_t next_from,
                                         std::size_t overlap) const {
        std::size_t keep = 0;
        std::ptrdiff_t score = 0, best_score = 0;
        for (std::size_t i = 0; i < overlap; ++i) {
            const std::uint8_t wanted = new_[next_from + i];
            score += old_[anchor_.old_at + present_at + i] == wanted;
            score -= old_[next_from + i + next.diagonal()] == wanted;
            if (score > best_score) {
                best_score = score;
                keep = i + 1;
            }
        }
        return keep;
    }

    Bytes old_, new_;
    MatchTable& matches_;
    const CoverTuning& tuning_;
    Covers covers_;
    Cover anchor_;
    std::size_t agreeing_ = 0;
};

std::size_t differing(Bytes old, Bytes new_image, const Cover& cover) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < cover.bytes; ++i) count += old[cover.old_at + i] != new_image[cover.new_at + i];
    return count;
}

}  // namespace

Covers find_covers(Bytes old, Bytes new_image, MatchTable& matches, const CoverTuning& tuning,
                   const std::function<void(double fraction)>& progress) {
    return CoverFinder(old, new_image, matches, tuning).run(progress);
}

Covers join_covers(Bytes old, Bytes new_image, const Covers& covers) {
    Covers joined;
    for (const Cover& cover : covers) {
        if (!joined.empty() && joined.back().diagonal() == cover.diagonal()) {
            const Cover& last = joined.back();
            const Cover gap{last.new_end(), last.old_end(), cover.new_at - last.new_end()};
            // a differing byte costs more among diff bytes, where it interrupts zeros, than among extra bytes
            constexpr std::size_t triple_worth = 6;
            if (differing(old, new_image, gap) * 2 <= gap.bytes + triple_worth) {
                joined.back().bytes = cover.new_end() - last.new_at;
                continue;
            }
        }
        joined.push_back(cover);
    }
    return joined;
}

Covers drop_poor_covers(Bytes old, Bytes new_image, Covers covers, double cover_bytes) {
    constexpr double literal = 0.8, changed = 1.6,
                     same = 0.03;  // bytes after LZMA, on pairs as in docs/format-delta.md
    std::erase_if(covers, [&](const Cover& cover) {
        const auto bytes = static_cast<double>(cover.bytes);
        const auto differ = static_cast<double>(differing(old, new_image, cover));
        return bytes * literal < differ * changed + (bytes - differ) * same + cover_bytes;
    });
    return covers;
}

}  // namespace sb::diff
