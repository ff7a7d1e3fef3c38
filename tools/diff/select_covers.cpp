#include "tools/diff/select_covers.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace sb::diff {
namespace {

/// How far a near-match goes back from `cover`: most of its bytes agree.
std::size_t reach_back(Bytes old, Bytes new_image, const Cover& cover, std::size_t not_before) {
    constexpr std::ptrdiff_t give_up = 24;  // this far below the best score it does not come back
    const std::size_t furthest = std::clamp<std::size_t>(4 * cover.bytes, 512, 65536);  // not for chance finds
    const std::size_t limit = std::min({cover.new_at - std::min(cover.new_at, not_before), cover.old_at, furthest});
    std::ptrdiff_t score = 0, best_score = 0;
    std::size_t best = 0;
    for (std::size_t i = 1; i <= limit && score > best_score - give_up; ++i) {
        score += old[cover.old_at - i] == new_image[cover.new_at - i] ? 1 : -1;
        if (score > best_score) {
            best_score = score;
            best = i;
        }
    }
    return best;
}

class CheapestPath {
public:
    CheapestPath(Bytes old, Bytes new_image, const CoverCandidates& candidates, const CoverPrices& prices)
        : old_(old), new_(new_image), openings_(candidates.openings()), prices_(prices) {}

    Covers run() {
        for (std::size_t at = 0; at < new_.size(); ++at) {
            find_cheapest();
            if (cheapest_cost_ < carried_.cost) enter(carried_, at, cheapest_cost_);
            open_tracks(at);
            if (dearest_cost_ > cheapest_cost_ + prices_.cover) {
                enter_open_tracks(at);
                drop_dear_tracks();
            }
            go_on(at);
        }
        find_cheapest();
        return covers_to(predecessor());
    }

private:
    static constexpr std::uint32_t none = ~0U;
    static constexpr std::size_t carrying = std::size_t{1} << 63;  // no diagonal is near it
    static constexpr std::size_t most_tracks = 24;
    static constexpr std::size_t no_track = ~std::size_t{0};  // bytes are carried

    /// From `from` on the image follows `diagonal`; before that, the step `before`.
    struct Step {
        std::uint32_t before;
        std::uint32_t from;
        std::size_t diagonal;
    };
    /// The cheapest way to be on a diagonal now. It becomes a step once others follow from it.
    struct Track {
        std::size_t diagonal = carrying;
        double cost = 0;
        std::uint32_t before = none;
        std::uint32_t from = 0;
        std::uint32_t step = none;
        std::uint32_t open_until = 0;
        bool changed = false;  ///< the last byte differed
    };

    void find_cheapest() {
        cheapest_cost_ = carried_.cost;
        dearest_cost_ = 0;
        cheapest_ = no_track;
        cheapest_step_ = none;
        for (std::size_t i = 0; i < tracks_.size(); ++i) {
            const double cost = tracks_[i].cost;
            dearest_cost_ = std::max(dearest_cost_, cost);
            if (cost >= cheapest_cost_) continue;
            cheapest_cost_ = cost;
            cheapest_ = i;
        }
    }

    /// The step that the cheapest track is, of those that find_cheapest() saw.
    std::uint32_t predecessor() {
        if (cheapest_step_ != none) return cheapest_step_;
        Track& track = cheapest_ != no_track ? tracks_[cheapest_] : carried_;
        if (track.step == none) {
            track.step = static_cast<std::uint32_t>(steps_.size());
            steps_.push_back({track.before, track.from, track.diagonal});
        }
        return cheapest_step_ = track.step;
    }

    void enter(Track& track, std::size_t at, double cost) {
        track.before = predecessor();
        track.from = static_cast<std::uint32_t>(at);
        track.step = none;
        track.cost = cost;
        track.changed = false;
    }

    void open_tracks(std::size_t at) {
        for (; next_ < openings_.size() && openings_[next_].from <= at; ++next_) {
            const CoverCandidates::Opening& opening = openings_[next_];
            const auto known = std::ranges::find(tracks_, opening.diagonal, &Track::diagonal);
            if (known != tracks_.end()) {
                known->open_until = std::max(known->open_until, opening.until);
                continue;
            }
            Track track;
            track.diagonal = opening.diagonal;
            track.open_until = opening.until;
            enter(track, at, cheapest_cost_ + prices_.cover);
            if (tracks_.size() < most_tracks)
                tracks_.push_back(track);
            else
                least_promising(at) = track;
        }
    }

    /// The dearest track of those that are not open, or else of all.
    Track& least_promising(std::size_t at) {
        return *std::ranges::max_element(
            tracks_, {}, [&](const Track& track) { return std::pair(at >= track.open_until, track.cost); });
    }

    /// Open diagonals that became dearer than to come to them anew.
    void enter_open_tracks(std::size_t at) {
        const double anew = cheapest_cost_ + prices_.cover;
        for (Track& track : tracks_)
            if (track.cost > anew && at < track.open_until) enter(track, at, anew);
    }

    void drop_dear_tracks() {
        const double anew = cheapest_cost_ + prices_.cover;
        std::erase_if(tracks_, [&](const Track& track) { return track.cost > anew; });
    }

    /// Every track pays for the byte at `at`; those that leave the old image end.
    void go_on(std::size_t at) {
        const std::uint8_t byte = new_[at];
        carried_.cost += static_cast<double>(prices_.carried[byte]);
        bool left = false;
        for (Track& track : tracks_) {
            const std::size_t old_at = at + track.diagonal;
            if (old_at >= old_.size()) {
                track.diagonal = carrying;
                left = true;
                continue;
            }
            const auto added = static_cast<std::uint8_t>(byte - old_[old_at]);
            track.cost += static_cast<double>((track.changed ? prices_.behind_change : prices_.behind_same)[added]);
            track.changed = added != 0;
        }
        if (left) std::erase_if(tracks_, [](const Track& track) { return track.diagonal == carrying; });
    }

    [[nodiscard]] Covers covers_to(std::uint32_t last) const {
        Covers covers;
        std::size_t end = new_.size();
        for (std::uint32_t i = last; i != none; i = steps_[i].before) {
            const Step& s = steps_[i];
            if (s.diagonal != carrying && s.from < end) covers.push_back({s.from, s.from + s.diagonal, end - s.from});
            end = s.from;
        }
        std::ranges::reverse(covers);
        return covers;
    }

    Bytes old_, new_;
    const std::vector<CoverCandidates::Opening>& openings_;
    const CoverPrices& prices_;
    std::vector<Step> steps_;
    std::vector<Track> tracks_;
    Track carried_;
    std::size_t next_ = 0;
    double cheapest_cost_ = 0;
    double dearest_cost_ = 0;  ///< of the tracks
    std::size_t cheapest_ = no_track;
    std::uint32_t cheapest_step_ = none;
};

}  // namespace

CoverCandidates::CoverCandidates(Bytes old, Bytes new_image, Covers covers) {
    std::ranges::sort(covers, {}, [](const Cover& c) { return std::tuple(c.diagonal(), c.new_at, c.bytes); });
    std::size_t diagonal = 0, seen = 0;
    for (const Cover& c : covers) {
        if (c.diagonal() != diagonal) seen = 0;
        diagonal = c.diagonal();
        if (c.new_end() <= seen) continue;
        const std::size_t from = c.new_at - reach_back(old, new_image, c, seen);
        seen = c.new_end();
        openings_.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(seen), diagonal});
    }
    std::ranges::sort(openings_, {}, [](const Opening& o) { return std::tuple(o.from, o.diagonal); });
}

Covers select_covers(Bytes old, Bytes new_image, const CoverCandidates& candidates, const CoverPrices& prices) {
    return CheapestPath(old, new_image, candidates, prices).run();
}

}  // namespace sb::diff
