#include "tools/diff/hdiff_covers.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace sb::diff {
namespace {

/// Shorter exact matches are not worth a look.
constexpr std::size_t least_match = 5;
/// Inside of a match this long no other one is looked for, but near its end.
constexpr std::size_t long_match = 64;
constexpr std::size_t end_of_long_match = 24;
/// Diagonals are followed, and compared with others, over blocks of the new image.
constexpr std::size_t block_bytes = 64;
/// How far below its best score (bytes that agree, less those that do not) a diagonal is followed.
constexpr std::ptrdiff_t patience = 64;
/// Tables and padding match themselves in many places: only so many diagonals stay over a block for their exact
/// matches, and as many for what they agree in all.
constexpr std::size_t most_over_a_block = 16;

/// Over so many blocks that have better ones a diagonal is followed.
constexpr std::size_t most_unwanted = 8;

constexpr std::uint32_t nobody = ~0U;

/// The best few diagonals over a block.
class Shortlist {
public:
    /// Whether the diagonal is on the list now.
    bool offer(std::uint32_t diagonal, std::size_t worth) {
        Entry* least = &entries_[0];
        for (Entry& e : entries_) {
            if (e.diagonal == diagonal) {
                e.worth = std::max(e.worth, worth);
                return true;
            }
            if (e.worth < least->worth) least = &e;
        }
        if (worth <= least->worth) return false;
        *least = {diagonal, worth};
        return true;
    }
    template <class Visit>
    void each(Visit visit) const {
        for (const Entry& e : entries_)
            if (e.diagonal != nobody) visit(e.diagonal);
    }

private:
    struct Entry {
        std::uint32_t diagonal = nobody;
        std::size_t worth = 0;
    };
    std::array<Entry, most_over_a_block> entries_{};
};

/// Bytes of HDiffPatch's number for a seek.
double seek_bytes(std::size_t diagonal, std::size_t other) {
    const auto signed_distance = static_cast<std::ptrdiff_t>(diagonal - other);
    auto distance = static_cast<std::size_t>(signed_distance < 0 ? -signed_distance : signed_distance);
    double bytes = 1;
    for (distance >>= 6; distance != 0; distance >>= 7) bytes += 1;
    return bytes;
}

/// How a state was entered at a position.
enum Entry : std::uint8_t { stayed, from_fresh, from_cover };

constexpr std::size_t no_stretch = std::numeric_limits<std::size_t>::max();

}  // namespace

/// Collects diagonals, block by block.
class HdiffCoverChooser::Collector {
public:
    Collector(Bytes old, Bytes new_image)
        : old_(old),
          new_(new_image),
          blocks_((new_image.size() + block_bytes - 1) / block_bytes),
          by_match_(blocks_),
          by_agreement_(blocks_),
          by_length_(blocks_) {}

    void collect(MatchTable& matches, const std::function<void(double)>& progress) {
        std::size_t reported = 0;
        for (std::size_t at = 0; at < new_.size();) {
            if (progress && at - reported > 4096) {
                progress(static_cast<double>(at) / static_cast<double>(new_.size()));
                reported = at;
            }
            const Match match = matches.at(at);
            if (match.bytes >= least_match) follow({at, match.old_at, match.bytes});
            at += match.bytes >= long_match ? match.bytes - end_of_long_match : 1;
        }
    }

    [[nodiscard]] std::vector<Stretch> stretches() const {
        std::vector<Stretch> all;
        std::vector<std::size_t> open(diagonals_.size(), 0);  // the number of its last stretch, and one
        for (std::size_t block = 0; block < blocks_; ++block) {
            const std::size_t from = block * block_bytes;
            const std::size_t to = std::min(from + block_bytes, new_.size());
            const auto visit = [&](std::uint32_t number) {
                const std::size_t last = open[number];
                if (last != 0 && all[last - 1].to >= from) {
                    all[last - 1].to = to;
                } else {
                    all.push_back({from, to, diagonals_[number].diagonal, 0});
                    open[number] = all.size();
                }
            };
            by_match_[block].each(visit);
            by_agreement_[block].each(visit);
            by_length_[block].each(visit);
        }
        for (Stretch& s : all) {
            while (s.from < s.to && s.from + s.diagonal >= old_.size()) ++s.from;
            while (s.from < s.to && s.to - 1 + s.diagonal >= old_.size()) --s.to;
        }
        std::erase_if(all, [](const Stretch& s) { return s.from == s.to; });
        std::ranges::stable_sort(all, {}, &Stretch::from);
        return all;
    }

private:
    struct Diagonal {
        std::size_t diagonal;
        std::size_t match_end;  // of its last exact match
        std::size_t reached;    // blocks it was followed over
    };

    [[nodiscard]] std::uint32_t number_of(std::size_t diagonal) {
        const auto [at, added] = numbers_.try_emplace(diagonal, static_cast<std::uint32_t>(diagonals_.size()));
        if (added) diagonals_.push_back({diagonal, 0, 0});
        return at->second;
    }

    void follow(const Cover& found) {
        const std::uint32_t number = number_of(found.diagonal());
        Diagonal& known = diagonals_[number];
        if (found.new_end() <= known.match_end) return;
        known.match_end = found.new_end();
        const std::size_t first = found.new_at / block_bytes;
        const std::size_t last = (found.new_end() - 1) / block_bytes;
        for (std::size_t b = first; b <= last; ++b) {
            const std::size_t from = std::max(found.new_at, b * block_bytes);
            by_match_[b].offer(number, std::min(found.new_end(), (b + 1) * block_bytes) - from);
        }
        const std::size_t followed_to = known.reached;
        if (last < followed_to) return;
        Following forward;
        std::size_t block = std::max(first, followed_to);
        for (; block < blocks_ && (block <= last || forward.worth_it()); ++block)
            offer_agreement(block, number, forward);
        known.reached = block;
        Following back;
        for (block = first; block > followed_to && back.worth_it(); --block) offer_agreement(block - 1, number, back);
    }

    /// How it goes along a diagonal.
    struct Following {
        std::ptrdiff_t score = 0;  // bytes that agree, less those that do not
        std::ptrdiff_t best = 0;
        std::size_t unwanted = 0;  // blocks one after the other that have better diagonals

        [[nodiscard]] bool worth_it() const { return score >= best - patience && unwanted < most_unwanted; }
    };

    void offer_agreement(std::size_t block, std::uint32_t number, Following& so_far) {
        const std::size_t from = block * block_bytes;
        const std::size_t bytes = std::min(block_bytes, new_.size() - from);
        const std::size_t old_from = from + diagonals_[number].diagonal;
        std::array<std::uint8_t, block_bytes> differences;
        differences.fill(1);
        if (old_from < old_.size() && old_.size() - old_from >= bytes) {
            const std::uint8_t* const a = new_.data() + from;
            const std::uint8_t* const b = old_.data() + old_from;
            for (std::size_t i = 0; i < bytes; ++i) differences[i] = static_cast<std::uint8_t>(a[i] - b[i]);
        } else {
            for (std::size_t i = 0; i < bytes; ++i)
                if (old_from + i < old_.size())
                    differences[i] = static_cast<std::uint8_t>(new_[from + i] - old_[old_from + i]);
        }
        std::size_t agreeing = 0;
        std::size_t regular = 0;  // differ, or agree, as a word or two before
        for (std::size_t i = 0; i < bytes; ++i) agreeing += differences[i] == 0;
        for (std::size_t i = 8; i < bytes; ++i)
            regular += differences[i] == differences[i - 8] || differences[i] == differences[i - 4];
        const bool agrees = by_agreement_[block].offer(number, 2 * agreeing + regular);
        const bool lasts =
            by_length_[block].offer(number, static_cast<std::size_t>(std::max<std::ptrdiff_t>(so_far.score, 0)));
        so_far.unwanted = agrees || lasts ? 0 : so_far.unwanted + 1;
        so_far.score += 2 * static_cast<std::ptrdiff_t>(agreeing) - static_cast<std::ptrdiff_t>(bytes);
        so_far.best = std::max(so_far.best, so_far.score);
    }

    Bytes old_, new_;
    std::size_t blocks_;
    std::vector<Shortlist> by_match_, by_agreement_, by_length_;
    std::vector<Diagonal> diagonals_;
    std::unordered_map<std::size_t, std::uint32_t> numbers_;
};

HdiffCoverChooser::HdiffCoverChooser(Bytes old, Bytes new_image, MatchTable& matches,
                                     const std::function<void(double fraction)>& progress)
    : old_(old), new_(new_image) {
    Collector collector(old, new_image);
    collector.collect(matches, progress);
    stretches_ = collector.stretches();
    for (Stretch& s : stretches_) {
        s.notes_at = notes_;
        notes_ += s.to - s.from;
    }
}

/// Goes through the new image byte by byte with the cheapest way to each state, and back along the cheapest of all.
class HdiffCoverChooser::Walk {
public:
    Walk(const HdiffCoverChooser& chooser, const HdiffPrices& prices)
        : stretches_(chooser.stretches_),
          old_(chooser.old_),
          new_(chooser.new_),
          prices_(prices),
          entered_(chooser.notes_, stayed),
          fresh_entered_(new_.size(), stayed),
          best_at_(new_.size(), 0) {}

    Covers run() {
        for (std::size_t at = 0; at < new_.size(); ++at) step(at);
        const From end = cheapest();
        return back_from(end.cost < fresh_.cost ? end.stretch : no_stretch);
    }

private:
    /// A state that a cover may be entered from.
    struct From {
        double cost = std::numeric_limits<double>::infinity();
        std::size_t diagonal = 0;  // of the last cover
        std::size_t stretch = no_stretch;
    };
    struct Active {
        std::size_t stretch;
        double cost;
        bool differed;  // at the last byte
    };

    [[nodiscard]] From cheapest() const {
        const auto found = std::ranges::min_element(active_, {}, &Active::cost);
        if (found == active_.end()) return {};
        return {found->cost, stretches_[found->stretch].diagonal, found->stretch};
    }

    void step(std::size_t at) {
        const From cover = cheapest();
        const From fresh = fresh_;
        best_at_[at] = static_cast<std::uint32_t>(cover.stretch);
        if (cover.cost < fresh_.cost) {
            fresh_ = {cover.cost, cover.diagonal, no_stretch};
            fresh_entered_[at] = from_cover;
        }
        fresh_.cost += prices_.fresh;
        std::erase_if(active_, [&](const Active& a) { return stretches_[a.stretch].to == at; });
        for (; next_ < stretches_.size() && stretches_[next_].from == at; ++next_)
            active_.push_back({next_, std::numeric_limits<double>::infinity(), false});
        for (Active& a : active_) go_on(a, at, fresh, cover);
    }

    /// Enters the stretch anew where that is cheaper, and takes the byte at `at`.
    void go_on(Active& a, std::size_t at, const From& fresh, const From& cover) {
        const Stretch& s = stretches_[a.stretch];
        const auto price = [&](const From& from) {
            return from.cost + prices_.cover + prices_.seek_byte * seek_bytes(s.diagonal, from.diagonal);
        };
        const double via_fresh = price(fresh);
        const double via_cover = price(cover);
        if (std::min(via_fresh, via_cover) < a.cost) {
            a.cost = std::min(via_fresh, via_cover);
            a.differed = false;
            entered_[s.notes_at + at - s.from] = via_fresh <= via_cover ? from_fresh : from_cover;
        }
        const auto difference = static_cast<std::uint8_t>(new_[at] - old_[at + s.diagonal]);
        if (difference == 0)
            a.cost += prices_.same;
        else
            a.cost += prices_.value[difference] + (a.differed ? 0 : prices_.run);
        a.differed = difference != 0;
    }

    [[nodiscard]] Covers back_from(std::size_t state) const {
        Covers covers;
        std::size_t end = new_.size();
        for (std::size_t at = new_.size(); at-- > 0;) {
            if (state == no_stretch) {
                if (fresh_entered_[at] == stayed) continue;
                state = best_at_[at];
            } else {
                const Stretch& s = stretches_[state];
                const std::uint8_t entry = entered_[s.notes_at + at - s.from];
                if (entry == stayed) continue;
                covers.push_back({at, at + s.diagonal, end - at});
                state = entry == from_cover ? best_at_[at] : no_stretch;
            }
            end = at;
        }
        std::ranges::reverse(covers);
        return covers;
    }

    const std::vector<Stretch>& stretches_;
    Bytes old_, new_;
    const HdiffPrices& prices_;
    std::vector<std::uint8_t> entered_;        // Entry by stretch and position
    std::vector<std::uint8_t> fresh_entered_;  // Entry by position
    std::vector<std::uint32_t> best_at_;       // the cheapest stretch by position
    std::vector<Active> active_;
    From fresh_{0, 0, no_stretch};
    std::size_t next_ = 0;
};

Covers HdiffCoverChooser::choose(const HdiffPrices& prices) const {
    return Walk(*this, prices).run();
}

}  // namespace sb::diff
