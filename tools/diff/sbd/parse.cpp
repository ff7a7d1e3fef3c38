#include "tools/diff/sbd/parse.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>

#include "tools/diff/parallel.hpp"

namespace sb::diff {
namespace {

/// Prices are whole numbers of 1/256 bit, so that all machines make the same parse.
using Price = std::int32_t;
constexpr double price_unit = 256;
constexpr Price far_too_much = 1 << 30;
constexpr std::uint32_t none = ~std::uint32_t{0};
/// Predictions are asked for in blocks of this many bytes.
constexpr std::uint32_t block_bytes = 64;
constexpr std::size_t recent_diagonals = 4;
/// How much of what is left of a match counts when ways are given up.
constexpr std::uint32_t promising_bytes = 32;

Price price_of(double bits) {
    return static_cast<Price>(std::lround(bits * price_unit));
}

/// log2(value) in 1/256, by straight lines between the powers of two.
Price log2_of(std::uint64_t value) {
    const int exponent = static_cast<int>(std::bit_width(value)) - 1;
    const std::uint64_t fraction = exponent >= 8 ? value >> (exponent - 8) : value << (8 - exponent);
    return exponent * 256 + static_cast<Price>(fraction - 256);
}

using RowTable = std::array<Price, std::tuple_size_v<RowPrices>>;

RowTable table_of(const RowPrices& bits) {
    RowTable table{};
    std::transform(bits.begin(), bits.end(), table.begin(), price_of);
    return table;
}

struct Prices {
    explicit Prices(const ParsePrices& bits)
        : hit{table_of(bits.hit_behind_hits), table_of(bits.hit_behind_misses)},
          miss{table_of(bits.miss_behind_hits), table_of(bits.miss_behind_misses)},
          literal(price_of(bits.literal)),
          repeated_change(price_of(bits.repeated_change)),
          unchanged(price_of(bits.unchanged)),
          old_jump(price_of(bits.old_jump)),
          self_jump(price_of(bits.self_jump)),
          map_jump(price_of(bits.map_jump)),
          return_jump(price_of(bits.return_jump)),
          recent_jump(price_of(bits.recent_jump)),
          promise(price_of(bits.promise)),
          old_slope(price_of(bits.old_per_doubling)),
          self_slope(price_of(bits.self_per_doubling)) {}

    [[nodiscard]] Price far_jump(std::uint32_t from, std::uint32_t to) const {
        const std::uint32_t apart = std::min(from - to, to - from);
        return old_jump + log2_of(std::uint64_t{apart} + 1) * old_slope / 256;
    }
    [[nodiscard]] Price far_self_jump(std::uint32_t distance) const {
        return self_jump + log2_of(std::uint64_t{distance} + 1) * self_slope / 256;
    }

    std::array<RowTable, 2> hit, miss;  ///< behind hits, behind misses
    Price literal, repeated_change, unchanged;
    Price old_jump, self_jump, map_jump, return_jump, recent_jump, promise;
    std::int32_t old_slope, self_slope;
};

std::size_t row_index(std::uint32_t bytes) {
    return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(bytes)), std::tuple_size_v<RowPrices> - 1);
}

/// A way through the image, as it stands on one diagonal.
struct State {
    std::uint32_t diagonal = 0;
    std::uint32_t end = 0;           ///< where its match ends
    std::uint32_t came_from = none;  ///< step before the present run
    std::uint32_t came_at = 0;       ///< where the present run begins
    std::uint32_t step = none;       ///< the present run as a step, once another way needs it
    std::uint32_t row_at = 0;        ///< where the present row of hits or of misses begins
    std::uint64_t hits = 0;          ///< which predictions hold, from the start of the block
    Price cost = 0;
    Price rank = 0;                        ///< scratch of make_room()
    std::array<std::uint8_t, 2> change{};  ///< the last change of a byte, at even and at odd positions
    bool missed = false;                   ///< the last prediction failed
};

/// Of equal ones the lower diagonal, so that the order of ways in memory does not matter.
bool is_cheaper(const State& a, const State& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.diagonal < b.diagonal;
}

/// One run of a way, behind the step before.
struct Step {
    std::uint32_t new_at = 0;
    std::uint32_t diagonal = 0;
    std::uint32_t before = none;
};

/// The parse of one window.
class WindowParse {
public:
    WindowParse(const MatchFinder& finder, const ParseRequest& request, HitOracle& oracle, std::uint32_t from,
                std::uint32_t to)
        : finder_(finder),
          limits_(request.limits),
          prices_(request.prices),
          map_(request.map),
          oracle_(oracle),
          from_(from),
          to_(to),
          old_bytes_(static_cast<std::uint32_t>(finder.old_image().size())),
          new_bytes_(static_cast<std::uint32_t>(finder.new_image().size())),
          keep_within_(price_of(limits_.keep_within)),
          source_within_(price_of(limits_.source_within)),
          found_(std::max<std::uint32_t>(limits_.kept, 1)) {}

    /// Runs of [from, to); they may go from the old image into the new one.
    std::vector<SourceRun> run();

private:
    void begin();
    void begin_block();
    [[nodiscard]] bool is_quiet() const;
    void pass_quiet_block();
    void leave_hidden();
    void drop_poor();
    void enter_matches(Matches which);
    void enter_known();
    void enter_near();
    void enter_pairs(std::uint32_t from, std::uint32_t to);
    void enter(std::uint32_t diagonal, std::uint32_t end);
    void relax();
    void relax_from(std::size_t which);
    void charge();
    void charge_hit(State& state, std::uint32_t at) const;
    void charge_miss(State& state) const;
    void make_room();

    [[nodiscard]] bool readable(std::uint32_t diagonal) const;
    [[nodiscard]] std::uint64_t hits_of(std::uint32_t diagonal) const;
    [[nodiscard]] Price jump_price(std::uint32_t to) const;
    [[nodiscard]] std::uint32_t next_miss() const;
    [[nodiscard]] std::uint32_t block_end() const { return std::min((at_ / block_bytes + 1) * block_bytes, to_); }
    [[nodiscard]] bool holds(const State& state) const { return (state.hits >> (at_ % block_bytes) & 1) != 0; }
    std::uint32_t step_of(State& state);
    void note_recent(std::uint32_t step);
    [[nodiscard]] std::uint32_t map_diagonal();
    [[nodiscard]] std::vector<SourceRun> trace();

    const MatchFinder& finder_;
    const ParseLimits& limits_;
    Prices prices_;
    std::span<const MapBlock> map_;
    HitOracle& oracle_;
    std::uint32_t from_, to_, old_bytes_, new_bytes_;
    Price keep_within_, source_within_;

    std::uint32_t at_ = 0;
    std::uint32_t lowest_old_ = 0;   ///< at at_
    std::uint32_t next_change_ = 0;  ///< where lowest_old_ ends to be it
    std::vector<State> states_{};
    std::size_t best_ = 0;
    std::size_t source_ = 0;              ///< the way that is jumped away from
    std::vector<std::size_t> sources_{};  ///< scratch of relax()
    std::vector<Step> steps_{};
    std::vector<DiagonalMatch> found_;
    std::size_t map_next_ = 0;
    std::uint32_t return_diagonal_ = none, map_diagonal_ = none;  ///< where the source may jump for less
    std::array<std::uint32_t, recent_diagonals> recent_{};        ///< and its last diagonals
    std::uint32_t recent_of_ = none;                              ///< the step that recent_ is of
};

std::vector<SourceRun> WindowParse::run() {
    at_ = from_;
    begin();
    Matches which = Matches::all;
    while (at_ < to_) {
        if (at_ >= next_change_) leave_hidden();
        if (at_ % block_bytes == 0 || at_ == from_) {
            begin_block();
            if (is_quiet()) {
                pass_quiet_block();
                which = Matches::all;
                continue;
            }
        }
        enter_matches(which);
        which = Matches::beginning;
        if (!holds(states_[best_])) relax();
        charge();
        ++at_;
        if (at_ % 8 == 0) drop_poor();
    }
    return trace();
}

/// The first source byte that can be read, or one that cannot where there is none.
void WindowParse::begin() {
    lowest_old_ = finder_.limits().visible.lowest_old(at_, new_bytes_);
    next_change_ = finder_.limits().visible.next_change(at_, new_bytes_);
    State first;
    first.end = to_;
    first.came_at = at_;
    if (!readable(first.diagonal)) first.diagonal = at_ == 0 ? std::min(lowest_old_, old_bytes_) : old_bytes_ - 1;
    if (!readable(first.diagonal)) next_change_ = at_ + 1;  // from there on the byte before can be read
    states_.push_back(first);
    best_ = 0;
}

bool WindowParse::readable(std::uint32_t diagonal) const {
    const std::uint32_t source_at = at_ + diagonal;
    return source_at < old_bytes_ ? source_at >= lowest_old_ : source_at - old_bytes_ < at_;
}

std::uint64_t WindowParse::hits_of(std::uint32_t diagonal) const {
    const std::uint32_t source_at = at_ + diagonal, bytes = block_end() - at_;
    if (source_at >= old_bytes_ && source_at - old_bytes_ >= at_) return 0;
    std::uint64_t hits = 0;
    if (source_at >= old_bytes_ || old_bytes_ - source_at >= bytes) {
        hits = oracle_.holds(at_, source_at, bytes);
    } else {  // it goes on in the new image
        const std::uint32_t first = old_bytes_ - source_at;
        hits = oracle_.holds(at_, source_at, first);
        if (at_ != 0) hits |= oracle_.holds(at_ + first, old_bytes_, bytes - first) << first;
    }
    return hits << (at_ % block_bytes);
}

/// Costs are counted from that of the best way, so that they stay small.
void WindowParse::begin_block() {
    const Price base = states_[best_].cost;
    for (State& state : states_) {
        state.hits = hits_of(state.diagonal);
        if (state.cost < far_too_much) state.cost -= base;
    }
}

/// The best prediction holds up to the end of the block, and no other way is so near that this would change it.
bool WindowParse::is_quiet() const {
    const std::uint32_t end = block_end();
    if (end > next_change_ || next_miss() < end) return false;
    const State& best = states_[best_];
    return std::all_of(states_.begin(), states_.end(), [&](const State& state) {
        return &state == &best || state.cost - best.cost >= prices_.far_jump(best.diagonal, state.diagonal);
    });
}

void WindowParse::pass_quiet_block() {
    const std::uint32_t begin = at_;
    at_ = block_end();
    const std::uint32_t diagonal = states_[best_].diagonal;
    std::erase_if(states_, [&](const State& state) {
        return state.diagonal != diagonal && std::uint64_t{state.end} + limits_.keep_alive <= at_;
    });
    for (State& state : states_) {
        if (state.diagonal == diagonal) {
            best_ = static_cast<std::size_t>(&state - states_.data());
            for (std::uint32_t at = begin; at < at_; ++at) charge_hit(state, at);
        } else {
            state.cost = far_too_much;  // until it is jumped to
        }
    }
}

/// The segment begins in which some of the old image is gone.
void WindowParse::leave_hidden() {
    lowest_old_ = finder_.limits().visible.lowest_old(at_, new_bytes_);
    next_change_ = finder_.limits().visible.next_change(at_, new_bytes_);
    if (next_change_ <= at_) next_change_ = none;
    State best = states_[best_];
    const bool stays = readable(best.diagonal);
    std::erase_if(states_, [&](const State& state) { return !readable(state.diagonal); });
    if (!stays) {  // the byte before is always there
        const std::uint32_t from = step_of(best);
        State fallback = best;
        fallback.diagonal = old_bytes_ - 1;
        fallback.end = at_ + 1;
        fallback.came_from = from;
        fallback.came_at = at_;
        fallback.step = none;
        fallback.cost += prices_.far_self_jump(1);
        fallback.hits = hits_of(fallback.diagonal);
        std::erase_if(states_, [&](const State& state) { return state.diagonal == fallback.diagonal; });
        states_.push_back(fallback);
    }
    best_ = static_cast<std::size_t>(std::min_element(states_.begin(), states_.end(), is_cheaper) - states_.begin());
}

/// Gives up diagonals whose matches have ended, unless their cost is near the best.
void WindowParse::drop_poor() {
    const Price limit = states_[best_].cost + keep_within_;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        const State& state = states_[i];
        if (i != best_ && state.cost >= limit && std::uint64_t{state.end} + limits_.keep_alive <= at_) continue;
        if (i == best_) best_ = kept;
        if (i != kept) states_[kept] = state;
        ++kept;
    }
    states_.resize(kept);
}

/// Where the best prediction fails next, in this block or at its end.
std::uint32_t WindowParse::next_miss() const {
    const std::uint64_t misses = ~states_[best_].hits >> (at_ % block_bytes);
    const std::uint32_t ahead = misses == 0 ? block_bytes : static_cast<std::uint32_t>(std::countr_zero(misses));
    return std::min(at_ + ahead, block_end());
}

void WindowParse::enter_matches(Matches which) {
    const std::uint32_t miss = next_miss();
    const std::size_t count = finder_.find(at_, which, found_);
    for (std::size_t i = 0; i < count; ++i) {
        const DiagonalMatch& match = found_[i];
        const std::uint32_t end = at_ + match.bytes;
        // whoever stays on the best diagonal gets past it for nothing
        if (std::uint64_t{end} + limits_.keep_alive <= miss) break;
        enter(match.diagonal, end);
    }
}

void WindowParse::enter(std::uint32_t diagonal, std::uint32_t end) {
    for (State& state : states_) {
        if (state.diagonal != diagonal) continue;
        state.end = std::max(state.end, end);
        return;
    }
    State& state = states_.emplace_back();
    state.diagonal = diagonal;
    state.end = end;
    state.cost = far_too_much;
    state.hits = hits_of(diagonal);
}

/// Diagonals that need no match: those that a jump reaches for little.
void WindowParse::enter_known() {
    const State source = states_[source_];
    map_diagonal_ = map_diagonal();
    return_diagonal_ = source.missed ? source.diagonal + source.row_at - at_ : source.diagonal;
    note_recent(step_of(states_[source_]));
    if (map_diagonal_ != none && readable(map_diagonal_)) enter(map_diagonal_, at_);
    if (readable(return_diagonal_)) enter(return_diagonal_, at_);
    for (const std::uint32_t diagonal : recent_)
        if (readable(diagonal)) enter(diagonal, at_);
}

/// Short matches are many, but one close by costs little: those around the present source, and just before.
void WindowParse::enter_near() {
    if (limits_.near_bytes == 0 || at_ + 2 >= new_bytes_) return;
    const std::uint32_t reach = limits_.near_bytes;
    const std::uint32_t source_at = at_ + states_[source_].diagonal, own = old_bytes_ + at_;
    if (source_at < old_bytes_)
        enter_pairs(std::max(lowest_old_, source_at - std::min(source_at, reach)),
                    std::min(old_bytes_ - source_at, reach) + source_at);
    enter_pairs(std::max(old_bytes_, own - std::min(own, reach)), own);
}

/// Diagonals from [from, to) on which this byte is equal and one of the next two.
void WindowParse::enter_pairs(std::uint32_t from, std::uint32_t to) {
    const std::uint8_t* const text = finder_.text().data();
    const std::uint8_t* const now = text + old_bytes_ + at_;
    for (std::uint32_t at = from; at < to; ++at)
        if (text[at] == now[0] && (text[at + 1] == now[1] || text[at + 2] == now[2])) enter(at - at_, at_ + 2);
}

Price WindowParse::jump_price(std::uint32_t to) const {
    if (to == return_diagonal_) return prices_.return_jump;
    if (to == map_diagonal_) return prices_.map_jump;
    if (std::find(recent_.begin(), recent_.end(), to) != recent_.end()) return prices_.recent_jump;
    if (at_ + to >= old_bytes_) return prices_.far_self_jump(old_bytes_ - to);
    return prices_.far_jump(states_[source_].diagonal, to);
}

/// Lets every way begin anew from the cheapest ones that fail here.
void WindowParse::relax() {
    const Price limit = states_[best_].cost + source_within_;
    sources_.clear();
    for (std::size_t i = 0; i < states_.size(); ++i)
        if (states_[i].cost <= limit && !holds(states_[i])) sources_.push_back(i);
    std::sort(sources_.begin(), sources_.end(),
              [&](std::size_t a, std::size_t b) { return is_cheaper(states_[a], states_[b]); });
    if (sources_.size() > limits_.sources) sources_.resize(limits_.sources);
    for (const std::size_t i : sources_) relax_from(i);
    source_ = best_;
    make_room();
}

void WindowParse::relax_from(std::size_t which) {
    source_ = which;
    enter_known();
    enter_near();
    const std::uint32_t from = step_of(states_[source_]);
    const State source = states_[source_];
    const Price failed = source.cost + prices_.miss[source.missed ? 1 : 0][row_index(at_ - source.row_at)];
    for (State& state : states_) {
        if (!holds(state)) continue;  // a later jump to it costs no more
        const Price cost = failed + jump_price(state.diagonal);
        if (cost >= state.cost) continue;
        state.cost = cost;
        state.came_from = from;
        state.came_at = at_;
        state.step = none;
        state.missed = false;
        state.row_at = at_;
        state.change = source.change;
    }
}

/// Gives up those that promise least: a way may be dear now, but have much of its match before it.
void WindowParse::make_room() {
    const std::size_t most = std::max<std::size_t>(limits_.states, 1);
    if (states_.size() <= most) return;
    const State best = states_[best_];
    for (State& state : states_) {
        const Price entered = best.cost + jump_price(state.diagonal);
        const std::uint32_t ahead = state.end > at_ ? std::min(state.end - at_, promising_bytes) : 0;
        state.rank = std::min(state.cost, entered) - static_cast<Price>(ahead) * prices_.promise;
    }
    states_[best_].rank = std::numeric_limits<Price>::min();
    std::nth_element(
        states_.begin(), states_.begin() + static_cast<std::ptrdiff_t>(most), states_.end(),
        [](const State& a, const State& b) { return a.rank != b.rank ? a.rank < b.rank : a.diagonal < b.diagonal; });
    states_.resize(most);
    best_ = static_cast<std::size_t>(
        std::find_if(states_.begin(), states_.end(), [&](const State& s) { return s.diagonal == best.diagonal; }) -
        states_.begin());
}

void WindowParse::charge_hit(State& state, std::uint32_t at) const {
    state.cost += prices_.hit[state.missed ? 1 : 0][row_index(at - state.row_at)];
    if (state.missed) state.row_at = at;
    state.missed = false;
}

void WindowParse::charge_miss(State& state) const {
    state.cost += prices_.miss[state.missed ? 1 : 0][row_index(at_ - state.row_at)];
    if (!state.missed) state.row_at = at_;
    state.missed = true;
    const Bytes text = finder_.text();
    const auto change = static_cast<std::uint8_t>(text[old_bytes_ + at_] - text[at_ + state.diagonal]);
    std::uint8_t& last = state.change[at_ % 2];
    if (change == 0) {
        state.cost += prices_.unchanged;
    } else {
        state.cost += change == last ? prices_.repeated_change : prices_.literal;
        last = change;
    }
}

/// What the byte at at_ costs each of them, and who is the cheapest then.
void WindowParse::charge() {
    const State* cheapest = nullptr;
    for (State& state : states_) {
        if (state.cost >= far_too_much) continue;
        if (holds(state))
            charge_hit(state, at_);
        else
            charge_miss(state);
        if (cheapest == nullptr || is_cheaper(state, *cheapest)) cheapest = &state;
    }
    if (cheapest != nullptr) best_ = static_cast<std::size_t>(cheapest - states_.data());
}

std::uint32_t WindowParse::step_of(State& state) {
    if (state.step != none) return state.step;
    steps_.push_back({state.came_at, state.diagonal, state.came_from});
    return state.step = static_cast<std::uint32_t>(steps_.size() - 1);
}

/// The diagonals before, the last one first, without the present one.
void WindowParse::note_recent(std::uint32_t step) {
    if (recent_of_ == step) return;
    recent_of_ = step;
    const std::uint32_t present = steps_[step].diagonal;
    recent_.fill(present);
    std::size_t count = 0;
    for (int look = 0; look < 12 && count + 1 < recent_.size(); ++look) {
        step = steps_[step].before;
        if (step == none) break;
        const std::uint32_t diagonal = steps_[step].diagonal;
        if (std::find(recent_.begin(), recent_.end(), diagonal) == recent_.end()) recent_[count++] = diagonal;
    }
}

std::uint32_t WindowParse::map_diagonal() {
    while (map_next_ < map_.size() && map_[map_next_].new_at <= at_) ++map_next_;
    return map_next_ == 0 ? none : map_[map_next_ - 1].diagonal();
}

std::vector<SourceRun> WindowParse::trace() {
    std::vector<SourceRun> runs;
    std::uint32_t end = to_;
    for (std::uint32_t step = step_of(states_[best_]); step != none; step = steps_[step].before) {
        const Step& s = steps_[step];
        if (s.new_at == end) continue;
        runs.push_back({s.new_at, s.new_at + s.diagonal, end - s.new_at});
        end = s.new_at;
    }
    std::reverse(runs.begin(), runs.end());
    return runs;
}

/// Appends what of `runs` lies in [from, to), cut where a source goes from the old image into the new one.
void append(std::vector<SourceRun>& all, std::span<const SourceRun> runs, std::uint32_t from, std::uint32_t to,
            std::uint32_t old_bytes) {
    const auto add = [&](SourceRun run) {
        if (run.bytes == 0) return;
        const bool goes_on = !all.empty() && all.back().diagonal() == run.diagonal() &&
                             (all.back().source_at < old_bytes) == (run.source_at < old_bytes);
        if (goes_on)
            all.back().bytes += run.bytes;
        else
            all.push_back(run);
    };
    for (const SourceRun& run : runs) {
        const std::uint32_t begin = std::max(run.new_at, from), end = std::min(run.new_at + run.bytes, to);
        if (begin >= end) continue;
        const SourceRun part{begin, run.source_at + (begin - run.new_at), end - begin};
        const std::uint32_t in_old = part.source_at < old_bytes ? std::min(part.bytes, old_bytes - part.source_at) : 0;
        add({part.new_at, part.source_at, in_old});
        add({part.new_at + in_old, part.source_at + in_old, part.bytes - in_old});
    }
}

/// A position of [from, to) where both parses are on one diagonal, as near the middle as can be; or the middle.
std::uint32_t joint(std::span<const SourceRun> left, std::span<const SourceRun> right, std::uint32_t from,
                    std::uint32_t to) {
    const std::uint32_t middle = from + (to - from) / 2;
    std::uint32_t best = middle, distance = none;
    auto l = left.begin(), r = right.begin();
    for (std::uint32_t at = from; at < to; ++at) {
        while (l->new_at + l->bytes <= at) ++l;
        while (r->new_at + r->bytes <= at) ++r;
        const std::uint32_t off = at < middle ? middle - at : at - middle;
        if (l->diagonal() != r->diagonal() || off >= distance) continue;
        best = at;
        distance = off;
    }
    return best;
}

}  // namespace

ParseEffort fast_parse() {
    ParseEffort effort;
    effort.matches.neighbours = 16;
    effort.limits.states = 16;
    effort.limits.kept = 8;
    effort.limits.near_bytes = 32;
    effort.limits.sources = 1;
    return effort;
}

ParseEffort wide_parse() {
    ParseEffort effort;
    effort.matches.min_match = 2;
    effort.limits.states = 500;
    effort.limits.near_bytes = 512;
    effort.limits.sources = 20;
    return effort;
}

std::uint64_t EqualBytes::holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) {
    const std::uint8_t* const now = text_.data() + old_bytes_ + new_at;
    const std::uint8_t* const source = text_.data() + source_at;
    std::uint64_t equal = 0;
    for (std::uint32_t k = 0; k < bytes; ++k) equal |= std::uint64_t{now[k] == source[k]} << k;
    return equal;
}

std::vector<SourceRun> parse(const MatchFinder& finder, const ParseRequest& request) {
    const auto new_bytes = static_cast<std::uint32_t>(finder.new_image().size());
    const auto old_bytes = static_cast<std::uint32_t>(finder.old_image().size());
    const std::uint32_t window = std::max(request.limits.window_bytes, block_bytes);
    const std::uint32_t overlap = std::min(request.limits.overlap_bytes, window / 2);
    const std::size_t count = (std::size_t{new_bytes} + window - 1) / window;
    std::vector<std::vector<SourceRun>> parts(count);
    std::mutex reporting;
    std::size_t done = 0;
    run_parallel(count, thread_count(request.threads), [&](std::size_t i) {
        const auto begin = static_cast<std::uint32_t>(i * window);
        const auto end = static_cast<std::uint32_t>(std::min<std::size_t>((i + 1) * window, new_bytes));
        std::unique_ptr<HitOracle> oracle =
            request.make_oracle ? request.make_oracle() : std::make_unique<EqualBytes>(finder);
        parts[i] = WindowParse(finder, request, *oracle, i == 0 ? begin : begin - overlap, end).run();
        if (!request.progress) return;
        const std::scoped_lock lock(reporting);
        request.progress(static_cast<double>(++done) / static_cast<double>(count));
    });
    std::vector<SourceRun> runs;
    std::uint32_t from = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto end = static_cast<std::uint32_t>(std::min<std::size_t>((i + 1) * window, new_bytes));
        const std::uint32_t to = i + 1 == count ? end : joint(parts[i], parts[i + 1], end - overlap, end);
        append(runs, parts[i], from, to, old_bytes);
        from = to;
    }
    return runs;
}

}  // namespace sb::diff
