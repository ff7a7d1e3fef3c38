#include "core/delta/sbd/history.hpp"

#include <cstddef>

#include "core/delta/sbd/constant_math.hpp"

namespace sb::sbd {
namespace {

// States below 128 lean to a 1, state 255 - s to a 0 as much as s to a 1. There are three kinds:
//   young  up to 9 bits were seen; it counts them: `ones` of `age`, with the estimate (ones + 1/2) / (age + 1)
//   chain  nothing but ones were seen by one that was likely to see them
//   old    a logit on a grid; each bit moves the probability by a fourteenth
constexpr std::size_t half = 128;
constexpr std::uint32_t chain_length = 6;
constexpr double likely_logit = 3.17, grid = 0.14, old_rate = 0.07, unit = 14;

enum class Kind : std::uint8_t { young, chain, old };
struct State {
    Kind kind = Kind::old;
    std::uint32_t age = 0;
    std::uint32_t ones = 0;
    double logit = 0;
};
struct States {
    std::array<State, half> all{};
    std::size_t chain_from = 0;
    std::size_t old_from = 0;
};

consteval double rate_at(std::uint32_t age) {
    return 1 / (age + 1.5);
}
consteval double moved(double logit, bool bit, double rate) {
    const double p = probability_of(logit);
    return logit_of(p + ((bit ? 1 : 0) - p) * rate);
}

consteval States make_states() {
    States made;
    std::size_t at = 0;
    for (std::uint32_t age = 0; age < History::young_ages; ++age)
        for (std::uint32_t ones = (age + 1) / 2; ones <= age; ++ones)
            made.all[at++] = {Kind::young, age, ones, logit_of((ones + 0.5) / (age + 1.0))};
    made.chain_from = at;
    double logit = likely_logit;
    for (std::uint32_t age = 1; age <= chain_length; ++age) {
        made.all[at++] = {Kind::chain, age, age, logit};
        logit = moved(logit, true, rate_at(age));
    }
    made.old_from = at;
    for (double level = grid / 2; at < half; level += grid) made.all[at++] = {Kind::old, 0, 0, level};
    return made;
}
constexpr States states = make_states();
static_assert(states.chain_from == History::likely_state);

consteval double magnitude(double x) {
    return x < 0 ? -x : x;
}
consteval std::uint8_t on_side(std::size_t state, bool to_zero) {
    return static_cast<std::uint8_t>(to_zero ? 255 - state : state);
}

/// The old state next to a logit.
consteval std::uint8_t old_state(double logit) {
    const double steps = magnitude(logit) / grid;
    std::size_t at = states.old_from + static_cast<std::size_t>(steps);
    if (at > half - 1) at = half - 1;
    return on_side(at, logit < 0);
}

/// The young state of an age next to a logit.
consteval std::uint8_t young_state(std::uint32_t age, double logit) {
    std::size_t best = 0;
    double least = 1e9;
    for (std::size_t i = 0; i < states.chain_from; ++i) {
        const double far = magnitude(magnitude(logit) - states.all[i].logit);
        if (states.all[i].age == age && far < least) {
            least = far;
            best = i;
        }
    }
    return on_side(best, logit < 0);
}

consteval std::uint8_t counted(std::uint32_t age, std::uint32_t ones) {
    const bool to_zero = 2 * ones < age;
    const std::uint32_t most = to_zero ? age - ones : ones;
    std::size_t at = 0;
    while (states.all[at].age != age || states.all[at].ones != most) ++at;
    return on_side(at, to_zero);
}

/// What comes after `bit` in a state that leans to a 1.
consteval std::uint8_t after(std::size_t at, bool bit) {
    const State& state = states.all[at];
    if (state.kind == Kind::old) return old_state(moved(state.logit, bit, old_rate));
    if (state.kind == Kind::young) {
        if (state.age + 1 < History::young_ages) return counted(state.age + 1, state.ones + (bit ? 1 : 0));
        return old_state(moved(state.logit, bit, rate_at(state.age)));
    }
    const double logit = moved(state.logit, bit, rate_at(state.age));
    if (!bit) return young_state(state.age + 1, logit);
    return at + 1 < states.old_from ? static_cast<std::uint8_t>(at + 1) : old_state(logit);
}

consteval std::array<std::uint8_t, half> make_logits() {
    std::array<std::uint8_t, half> made{};
    for (std::size_t i = 0; i < half; ++i) {
        const double scaled = states.all[i].logit * unit + 0.5;
        made[i] = static_cast<std::uint8_t>(scaled > 127 ? 127 : scaled);
    }
    return made;
}

consteval std::array<std::uint8_t, 256> make_after_one() {
    std::array<std::uint8_t, 256> made{};
    for (std::size_t i = 0; i < half; ++i) {
        made[i] = after(i, true);
        made[255 - i] = static_cast<std::uint8_t>(~after(i, false));
    }
    return made;
}

}  // namespace

constexpr std::array<std::uint8_t, half> History::logits = make_logits();
constexpr std::array<std::uint8_t, 256> History::after_one = make_after_one();

}  // namespace sb::sbd
