#include "tools/diff/sbd/parse_window.hpp"

namespace sb::diff::window {

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

}  // namespace sb::diff::window
