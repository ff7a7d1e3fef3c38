#include "tools/diff/vcdiff_parser.hpp"

#include <algorithm>
#include <cstdlib>

namespace sb::diff {
namespace {

constexpr std::size_t stretch_slots = 4096;
constexpr unsigned hash_bits = 16;
constexpr unsigned chain_limit = 24;
constexpr std::size_t least_match = 4;
constexpr std::size_t least_run = 4;
constexpr unsigned recent_copies = 4;
constexpr unsigned recent_links = 12;

}  // namespace

VcdiffParser::Origin VcdiffParser::origin(const Link& link) const {
    return {link.kind, static_cast<std::int64_t>(link.from) - static_cast<std::int64_t>(link.new_at)};
}

/// Up to where the new image agrees with itself or the old one, shifted.
std::size_t VcdiffParser::reach(const Origin& origin, std::size_t new_at) {
    const Bytes source = origin.kind == Kind::copy_old ? old_ : new_;
    const std::int64_t from = static_cast<std::int64_t>(new_at) + origin.shift;
    if (from < 0 || static_cast<std::size_t>(from) >= source.size()) return new_at;
    auto place = static_cast<std::size_t>(from);
    if (new_[new_at] != source[place]) return new_at;
    const auto key = static_cast<std::uint64_t>(origin.shift) * 2 + (origin.kind == Kind::copy_old ? 1 : 0);
    Stretch& known = stretches_[key * 0x9e3779b97f4a7c15ULL >> 52];
    if (known.origin == origin && known.from <= new_at && new_at < known.end) return known.end;
    std::size_t end = new_at;
    while (end < frame_.new_end && place < source.size() && new_[end] == source[place]) {
        ++end;
        ++place;
    }
    known = {origin, new_at, end};
    return end;
}

double VcdiffParser::price(const State& state, std::size_t at) const {
    const Link& link = links_[state.link];
    const std::size_t bytes = at - link.new_at;
    if (bytes == 0) return state.base;
    if (link.kind == Kind::add) return state.base + prices_->add_price(bytes);
    if (link.kind == Kind::run) return state.base + prices_->run_price(bytes, new_[link.new_at]);
    return state.base + prices_->copy_price(bytes, state.added);
}

/// The price of the address of a copy that begins at `at`, after the way that ends in `link`.
double VcdiffParser::address_price(const Origin& origin, std::size_t at, std::uint32_t link) const {
    const VcdiffStep step{origin.kind, at, 0, static_cast<std::size_t>(static_cast<std::int64_t>(at) + origin.shift)};
    const std::size_t address = frame_.address(step);
    const std::size_t distance = frame_.here(at) - address;
    unsigned bytes = std::min(base128_bytes(address), base128_bytes(distance));
    unsigned copies = 0;
    for (unsigned i = 0; i < recent_links && link != none && copies < recent_copies; ++i, link = links_[link].before) {
        const Link& other = links_[link];
        if (other.kind != Kind::copy_old && other.kind != Kind::copy_new) continue;
        if (prices_->packed && origin.kind == Kind::copy_old) {
            const Origin there = this->origin(other);
            if (there == origin) return copies == 0 ? prices_->same_shift : prices_->recent_shift;
            if (copies == 0 && std::abs(there.shift - origin.shift) < close_shift_bytes) bytes = 0;
        } else {
            const std::size_t near = frame_.address({other.kind, other.new_at, 0, other.from});
            if (address >= near) bytes = std::min(bytes, base128_bytes(address - near));
        }
        ++copies;
    }
    if (!prices_->packed || origin.kind == Kind::copy_new) return 8.0 * bytes;
    return bytes == 0 ? prices_->close_shift : prices_->new_shift;
}

/// A copy may begin here, after the way for which it is cheapest.
void VcdiffParser::start(const Origin& origin, std::size_t at) {
    const std::size_t end = reach(origin, at);
    if (end == at) return;
    for (const State& state : states_)
        if (state.link != none && this->origin(links_[state.link]) == origin && links_[state.link].kind != Kind::add &&
            state.end > at)
            return;  // it goes on anyway
    const State* best = nullptr;
    double best_price = 0;
    for (const State& state : states_) {
        const double total = state.price + address_price(origin, at, state.link);
        if (best == nullptr || total < best_price) {
            best = &state;
            best_price = total;
        }
    }
    const bool after_add = best->link != none && links_[best->link].kind == Kind::add;
    const std::uint32_t added = after_add ? static_cast<std::uint32_t>(at - links_[best->link].new_at) : 0;
    links_.push_back(
        {best->link, origin.kind, at, static_cast<std::size_t>(static_cast<std::int64_t>(at) + origin.shift)});
    next_.push_back({best_price, best_price, static_cast<std::uint32_t>(links_.size() - 1), added, end});
}

/// Begins copies: with the shifts that were used lately, and with that of the longest match.
void VcdiffParser::look_around(std::size_t at, bool everywhere) {
    std::array<Origin, 2 * recent_copies> tried;
    std::size_t count = 0;
    const auto begin = [&](const Origin& origin) {
        if (std::find(tried.begin(), tried.begin() + count, origin) != tried.begin() + count) return;
        if (count < tried.size()) tried[count++] = origin;
        start(origin, at);
    };
    for (std::size_t s = 0; s < std::min<std::size_t>(states_.size(), 2); ++s) {
        std::uint32_t link = states_[s].link;
        unsigned copies = 0;
        for (unsigned i = 0; i < recent_links && link != none && copies < recent_copies; ++i) {
            if (links_[link].kind == Kind::copy_old) {
                begin(origin(links_[link]));
                ++copies;
            }
            link = links_[link].before;
        }
    }
    if (!everywhere) return;
    const Match match = matches_.at(at);
    if (match.bytes >= least_match)
        begin({Kind::copy_old, static_cast<std::int64_t>(match.old_at) - static_cast<std::int64_t>(at)});
    if (tuning_.self_copies) look_back(at);
    std::size_t run = at;
    while (run < frame_.new_end && run - at < least_run && new_[run] == new_[at]) ++run;
    if (run - at == least_run) {
        while (run < frame_.new_end && new_[run] == new_[at]) ++run;
        links_.push_back({states_[0].link, Kind::run, at, at});
        next_.push_back({states_[0].price, states_[0].price, static_cast<std::uint32_t>(links_.size() - 1), 0, run});
    }
}

/// Looks for the longest match in the window itself, the nearest of several.
void VcdiffParser::look_back(std::size_t at) {
    if (at + least_match > frame_.new_end) return;
    const std::uint32_t hash = load_le<std::uint32_t>(new_, at) * 2654435761U >> (32 - hash_bits);
    std::size_t best = least_match - 1;
    std::int64_t shift = 0;
    unsigned left = chain_limit;
    for (std::uint32_t place = heads_[hash]; place != 0 && left != 0; place = chains_[place - 1], --left) {
        const std::size_t from = frame_.new_from + place - 1;
        std::size_t bytes = 0;
        while (at + bytes < frame_.new_end && new_[from + bytes] == new_[at + bytes]) ++bytes;
        if (bytes <= best) continue;
        best = bytes;
        shift = static_cast<std::int64_t>(from) - static_cast<std::int64_t>(at);
    }
    if (shift != 0) start({Kind::copy_new, shift}, at);
}

/// Makes the bytes before `at` known to look_back().
void VcdiffParser::remember(std::size_t at) {
    if (!tuning_.self_copies) return;
    for (; remembered_ < at && remembered_ + least_match <= frame_.new_end; ++remembered_) {
        const std::uint32_t hash = load_le<std::uint32_t>(new_, remembered_) * 2654435761U >> (32 - hash_bits);
        const std::size_t place = remembered_ - frame_.new_from;
        chains_[place] = heads_[hash];
        heads_[hash] = static_cast<std::uint32_t>(place + 1);
    }
}

/// Keeps of two ways with the same present origin only the cheaper one.
void VcdiffParser::add_state(const State& state) {
    const Link& link = links_[state.link];
    for (State& other : states_) {
        const Link& there = links_[other.link];
        const bool same = link.kind == there.kind && (link.kind == Kind::add || origin(link) == origin(there));
        if (!same) continue;
        if (state.price < other.price) other = state;
        return;
    }
    states_.push_back(state);
}

/// From the ways to `at`, and those in next_ that begin there, to the ways to `at + 1`.
void VcdiffParser::step(std::size_t at) {
    for (const State& state : states_)
        if (state.link != none && links_[state.link].kind != Kind::add && state.end > at) next_.push_back(state);
    // the literal: of all ways the best is added to, unless an ADD is cheaper to go on with
    const double literal = prices_->literal[new_[at]];
    const State* best = nullptr;
    double best_price = 0;
    for (const State& state : states_) {
        const bool goes_on = state.link != none && links_[state.link].kind == Kind::add;
        const double total = goes_on ? state.base + prices_->add_price(at + 1 - links_[state.link].new_at)
                                     : state.price + prices_->add_price(1);
        if (best == nullptr || total < best_price) {
            best = &state;
            best_price = total;
        }
    }
    State add = *best;
    if (add.link == none || links_[add.link].kind != Kind::add) {
        links_.push_back({add.link, Kind::add, at, at});
        add = {add.price, 0, static_cast<std::uint32_t>(links_.size() - 1), 0, 0};
    }
    add.base += literal;
    states_.clear();
    next_.push_back(add);
    for (State& state : next_) {
        state.price = price(state, at + 1);
        add_state(state);
    }
    next_.clear();
}

void VcdiffParser::trim() {
    std::ranges::sort(states_, {}, &State::price);
    if (states_.size() > tuning_.states) states_.resize(tuning_.states);
}

/// Where one way goes on surely, goes there and forgets the others. Returns where that is.
std::size_t VcdiffParser::skip(std::size_t at) {
    for (const State& state : states_) {
        if (state.link == none || links_[state.link].kind == Kind::add) continue;
        if (state.end < at + tuning_.sure_bytes || state.price > states_[0].price + 24) continue;
        State only = state;
        const std::size_t to = state.end - tuning_.look_bytes;
        only.price = price(only, to);
        states_.assign(1, only);
        return to;
    }
    return at;
}

void VcdiffParser::settle(std::uint32_t link, std::size_t end, VcdiffSteps& to) const {
    for (; link != none; link = links_[link].before) {
        const Link& l = links_[link];
        to.push_back({l.kind, l.new_at, end - l.new_at, l.from});
        end = l.new_at;
    }
    std::ranges::reverse(to);
}

VcdiffSteps VcdiffParser::parse(const VcdiffFrame& frame, const VcdiffPrices& prices, const VcdiffTuning& tuning) {
    frame_ = frame;
    prices_ = &prices;
    tuning_ = tuning;
    links_.clear();
    stretches_.assign(stretch_slots, {});
    if (tuning.self_copies) {
        heads_.assign(std::size_t{1} << hash_bits, 0);
        chains_.assign(frame.new_end - frame.new_from, 0);
    }
    remembered_ = frame.new_from;
    states_.assign(1, {0, 0, none, 0, 0});
    for (std::size_t at = frame.new_from; at < frame.new_end;) {
        std::size_t far = at;
        for (const State& state : states_) far = std::max(far, state.end);
        remember(at);
        look_around(at, far < at + tuning.look_bytes);
        step(at);
        ++at;
        trim();
        at = skip(at);
    }
    VcdiffSteps steps;
    settle(states_[0].link, frame.new_end, steps);
    return steps;
}

}  // namespace sb::diff
