// sim/prove: what a checker run found: counts, and the story of the first violation, one line a step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sb::prove {

/// Options of both checkers; journal_checker has one for each.
struct Options {
    std::uint64_t runs = 12'000;  ///< random runs
    std::uint32_t sessions = 60;  ///< sessions a random run
    std::uint64_t seed = 1;
    std::uint32_t records = 4;              ///< records a page
    std::uint32_t cuts = 4;                 ///< exploration: cuts in a row
    std::uint64_t max_states = 20'000'000;  ///< exploration: stop there and say so
    bool all_outcomes = false;              ///< exploration: every outcome class, not only those that dominate
};

struct Report {
    bool violated = false;
    std::string what;                ///< the violation in one line
    std::vector<std::string> story;  ///< boots, operations, cuts and readings that lead to it
    std::uint64_t runs = 0;
    std::uint64_t sessions = 0;
    std::uint64_t cuts = 0;
    std::uint64_t operations = 0;
    std::uint64_t answers = 0;
    std::uint64_t seed = 0;                ///< of the run that failed
    std::vector<std::uint64_t> states_at;  ///< exploration: new states after 0, 1, 2 … cuts
    std::uint32_t cuts_survived = 0;       ///< exploration: cuts in a row without a violation
    bool complete = true;                  ///< exploration: false when max_states ended it
    std::uint64_t traces = 0;              ///< exploration: sessions run through the real code
};

}  // namespace sb::prove
