#include "sim/powercut/cuts.hpp"

namespace sb::sim {

namespace {

void add_weak(std::vector<PowerCut>& cuts, Torn outcome, std::uint64_t seeds, bool fading) {
    for (const WeakReads reads : {WeakReads::all_old, WeakReads::all_new, WeakReads::alternating})
        cuts.push_back({1, outcome, 1, reads});
    if (fading) cuts.push_back({1, outcome, 1, WeakReads::fading});
    for (std::uint64_t seed = fading ? 5 : 4; seed <= seeds; ++seed)
        cuts.push_back({1, outcome, seed, WeakReads::random});
}

}  // namespace

std::vector<PowerCut> cuts_of(bool is_erase, std::uint64_t seeds, bool records_survive) {
    std::vector<PowerCut> cuts = {{1, Torn::nothing}, {1, Torn::complete}};
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) cuts.push_back({1, Torn::partial, seed});
    // A program is not preceded by zeroes, and an erase that reads complete reads blank.
    if (is_erase) cuts.push_back({1, Torn::zeroed});
    add_weak(cuts, Torn::blank_weak, seeds, records_survive);
    if (!is_erase) add_weak(cuts, Torn::complete_weak, seeds, records_survive);
    return cuts;
}

std::string describe(const PowerCut& cut) {
    const std::string seed = ", seed " + std::to_string(cut.seed);
    std::string reads;
    switch (cut.weak_reads) {
        case WeakReads::random:
            reads = ", reads as it likes" + seed;
            break;
        case WeakReads::all_old:
            reads = ", reads as before";
            break;
        case WeakReads::all_new:
            reads = ", reads as done";
            break;
        case WeakReads::alternating:
            reads = ", reads as before and as done in turn";
            break;
        case WeakReads::fading:
            reads = ", reads as done until the power goes once more";
            break;
    }
    switch (cut.outcome) {
        case Torn::nothing:
            return "nothing of it done";
        case Torn::complete:
            return "done, only the answer lost";
        case Torn::partial:
            return "partly done" + seed;
        case Torn::zeroed:
            return "all zero";
        case Torn::blank_weak:
            return "weak and blank" + reads;
        case Torn::complete_weak:
            return "weak and complete" + reads;
    }
    return "?";
}

}  // namespace sb::sim
