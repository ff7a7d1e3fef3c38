// Lives with many cuts, drawn at random; and how any life is told when it ended badly.
#include <algorithm>
#include <random>
#include <stdexcept>

#include "sim/powercut/explorer.hpp"

namespace sb::sim {

namespace {

constexpr std::size_t max_cuts = 8;
constexpr int max_shrinks = 400;

const char* name_of(Phase phase) {
    static constexpr std::array<const char*, 8> names = {"READY", "WRITING", "CANDIDATE", "STAGED",
                                                         "TRIAL", "UPDATED", "REVERTING", "FAILED"};
    const auto i = static_cast<std::size_t>(phase);
    return i < names.size() ? names[i] : "?";
}

}  // namespace

Explorer::Path Explorer::random_path(std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    Path path(1 + random() % max_cuts);
    const std::uint64_t far = std::max<std::uint64_t>(report_.operations, 20);
    for (CutAt& at : path) {
        // Half of the cuts come early: while the last one is being recovered from.
        at.operation = 1 + random() % (random() % 2 == 0 ? 20 : far);
        const auto& cuts = random() % 2 == 0 ? program_cuts_ : erase_cuts_;
        at.cut = cuts[random() % cuts.size()];
        at.cut.seed = random();
    }
    return path;
}

std::string Explorer::where(std::uint32_t offset) const {
    const BoardMap& map = board_.regions();
    const auto inside = [&](const EraseUnit& region, const char* name) -> std::string {
        if (offset < region.offset || offset - region.offset >= region.bytes) return "";
        return std::string(name) + " + " + std::to_string(offset - region.offset);
    };
    for (const auto& text : {inside(map.slots[0], "slot A"), inside(map.slots[1], "slot B"),
                             inside(map.golden, "golden"), inside(map.journal, "journal")}) {
        if (!text.empty()) return text;
    }
    return std::to_string(offset);
}

void Explorer::act_aloud(LifeState& state, std::string* story) {
    const Act act = state.next;
    do_next(board_, cast_, state);
    if (story == nullptr) return;
    *story += std::string("  ") + act_name(act);
    if (!flash_.powered()) return;
    const BootState boot = board_.state().boot;
    if (act == Act::boot && !state.running) *story += ": nothing runs, update mode";
    if (act == Act::boot && state.running) {
        const bool is_new = board_.holds(*state.running, cast_.new_image);
        const bool is_old = board_.holds(*state.running, cast_.old_image);
        const char* const slot = *state.running == SlotId::a ? " in slot A" : " in slot B";
        *story += std::string(": runs the ") + (is_new ? "new" : is_old ? "old" : "other") + " image" + slot;
    }
    *story += std::string(", journal ") + name_of(boot.phase) + " step " + std::to_string(boot.step) + ", tries " +
              std::to_string(boot.tries_left) + "\n";
}

LifeState Explorer::live_path(const Path& path, std::string* story, std::uint64_t* struck) {
    board_.schedule(std::nullopt);
    flash_.go_back(factory_);
    LifeState state = beginning();
    std::string last;
    if (story != nullptr) {
        flash_.on_change = [&](std::uint32_t offset, Bytes data) {
            last = (data.empty() ? "erase" : "program of " + std::to_string(data.size()) + " bytes") +
                   std::string(" at ") + where(offset);
        };
    }
    for (const CutAt& at : path) {
        PowerCut cut = at.cut;
        cut.at_operation = at.operation;
        flash_.power_on();  // a cut is counted from the moment the power is back
        board_.schedule(cut);
        for (state.boots = 0; state.ending == Ending::goes_on && state.boots < max_boots_of_a_life;) {
            act_aloud(state, story);
            if (!flash_.powered()) break;
        }
        if (flash_.powered()) break;  // it settled before
        if (struck != nullptr) ++*struck;
        if (story != nullptr)
            *story += ": cut in operation " + std::to_string(at.operation) + ", " + last + ": " + describe(cut) + "\n";
        if (options_.wipe_journal && &at == &path.back()) {
            board_.wipe_journal();
            state.oracle.journal_wiped();
            if (story != nullptr) *story += "  the journal is wiped\n";
        }
    }
    board_.schedule(std::nullopt);
    flash_.power_on();
    if (story != nullptr) {
        for (state.boots = 0; state.ending == Ending::goes_on && state.boots < max_boots_of_a_life;)
            act_aloud(state, story);
        flash_.on_change = nullptr;
        const bool settled = state.ending != Ending::goes_on && state.ending != Ending::objected;
        const std::string objection = state.oracle.objection().empty() ? "does not settle" : state.oracle.objection();
        *story += settled ? "  settled\n" : "  " + objection + "\n";
    }
    return state;
}

bool Explorer::fails(const Path& path) {
    LifeState state = live_path(path, nullptr, nullptr);
    for (state.boots = 0; state.ending == Ending::goes_on && state.boots < max_boots_of_a_life;)
        do_next(board_, cast_, state);
    return state.ending == Ending::goes_on || state.ending == Ending::objected;
}

/// Fewer cuts, earlier cuts, plainer cuts, as long as it still ends badly.
Explorer::Path Explorer::shrink(Path path) {
    int left = max_shrinks;
    const auto try_it = [&](const Path& simpler) {
        if (left-- <= 0 || !fails(simpler)) return false;
        path = simpler;
        return true;
    };
    for (bool better = true; better && left > 0;) {
        better = false;
        for (std::size_t i = 0; i < path.size() && path.size() > 1; ++i) {
            Path fewer = path;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            better = try_it(fewer) || better;
        }
        for (std::size_t i = 0; i < path.size(); ++i) {
            for (const Torn plain : {Torn::nothing, Torn::complete}) {
                Path plainer = path;
                plainer[i].cut = {1, plain};
                if (path[i].cut.outcome != Torn::nothing && path[i].cut.outcome != plain)
                    better = try_it(plainer) || better;
            }
            for (const std::uint64_t operation : {path[i].operation / 2, path[i].operation - 1}) {
                Path earlier = path;
                earlier[i].operation = operation;
                if (operation != 0) better = try_it(earlier) || better;
            }
        }
    }
    return path;
}

std::string Explorer::tell(const Path& path) {
    std::string story;
    static_cast<void>(live_path(path, &story, nullptr));
    return story;
}

void Explorer::check_path_in_full(const Path& path, const Outcome& remembered) {
    const LifeState state = live_path(path, nullptr, nullptr);
    Outcome full{.ending = state.ending, .boots = state.boots};
    if (state.ending == Ending::goes_on) full = live_in_full(state);
    ++report_.checked;
    const bool bad = full.ending == Ending::objected && remembered.ending == Ending::objected;
    if (!bad && (full.ending != remembered.ending || full.boots != remembered.boots))
        throw std::logic_error("the checker contradicts itself in a life with " + std::to_string(path.size()) +
                               " cuts");
}

LifeReport Explorer::live_at_random() {
    report_.exhaustive = false;
    if (!live_undisturbed()) return finish_report();
    report_.operations = runs_.front().steps.size();
    std::vector<bool> hit(report_.operations, false);
    for (std::uint64_t life = 0; life < options_.random_lives; ++life) {
        const Path path = random_path(options_.seed + life);
        std::uint64_t struck = 0;
        const LifeState state = live_path(path, nullptr, &struck);
        Outcome outcome{.ending = state.ending, .boots = state.boots, .objection = state.oracle.objection()};
        if (state.ending == Ending::goes_on) outcome = live_on(state, false);
        note_wear(wear_of(outcome));
        if (struck != 0 && path.front().operation <= hit.size()) hit[path.front().operation - 1] = true;
        count(outcome, path);
        report_.cuts += struck - 1;
        if (options_.check_one_in != 0 && life % options_.check_one_in == options_.check_one_in / 2)
            check_path_in_full(path, outcome);
        if (life % 64 == 0) progress(life, options_.random_lives);
        crypto_.trim();
    }
    report_.operations_hit = static_cast<std::uint64_t>(std::ranges::count(hit, true));
    return finish_report();
}

}  // namespace sb::sim
