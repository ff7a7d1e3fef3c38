#include "sim/powercut/xip_life.hpp"

#include <algorithm>
#include <random>

#include "core/base/error_name.hpp"

namespace sb::sim {

namespace {

/// Watches from outside: which bytes run, and what was promised. Shares nothing with the engine but the images.
class Oracle {
public:
    Oracle(const Cast& cast, Story story, std::uint8_t tries) : cast_(&cast), story_(story), tries_(tries) {}

    void stage_begins() { stage_tried_ = true; }
    void staged() { staged_ = true; }
    void confirm_begins() { confirm_tried_ = true; }
    void confirmed() { confirmed_ = true; }
    void boot_was_cut() { cut_boots_ += staged_ ? 1 : 0; }
    /// All records are gone: promises that only they could keep are void.
    void journal_wiped() {
        stage_tried_ = true;
        staged_ = confirmed_ = confirm_tried_ = false;
        runs_of_new_ = 0;
        floor_ = 0;
    }

    void booted(Board& board, const BootReport& report) {
        if (!report.slot) return object("nothing boots");
        const bool runs_new = board.holds(*report.slot, cast_->new_image);
        if (!runs_new && !board.holds(*report.slot, cast_->old_image)) return object("runs neither old nor new");
        if (runs_new && !stage_tried_) object("runs the new image before it was staged");
        if (!runs_new && confirmed_) object("a confirmed image was reverted");
        if (runs_new && !confirm_tried_ && ++runs_of_new_ > tries_) object("more trial boots than tries");
        const bool tries_left_for_new = cut_boots_ < tries_;
        if (!runs_new && staged_ && runs_of_new_ == 0 && tries_left_for_new) object("what was staged is not tried");
        const std::uint32_t floor = board.state().boot.security_floor;
        if (floor < floor_) object("the security floor fell");
        floor_ = floor;
    }
    void object(const std::string& what) {
        if (objection_.empty()) objection_ = what;
    }
    [[nodiscard]] const std::string& objection() const { return objection_; }
    [[nodiscard]] Story story() const { return story_; }

private:
    const Cast* cast_;
    Story story_;
    std::uint8_t tries_;
    bool stage_tried_ = false;
    bool staged_ = false;
    bool confirm_tried_ = false;
    bool confirmed_ = false;
    int runs_of_new_ = 0;
    int cut_boots_ = 0;
    std::uint32_t floor_ = 0;
    std::string objection_;
};

enum class Ending : std::uint8_t { goes_on, settled_new, settled_old };

/// One boot and what the user does after it.
Ending live_once(Board& board, const Cast& cast, Oracle& oracle) {
    const BootReport report = board.reset();
    if (!board.flash().powered()) {
        oracle.boot_was_cut();
        return Ending::goes_on;
    }
    oracle.booted(board, report);
    if (!report.slot) return Ending::goes_on;
    const bool runs_new = board.holds(*report.slot, cast.new_image);
    const BootState state = board.state().boot;
    if (oracle.story() == Story::revert) {
        const bool back = !runs_new && state.phase == Phase::failed && state.cause == Error::tries_exhausted;
        if (back) return Ending::settled_old;
        if (runs_new) return Ending::goes_on;
    } else if (runs_new) {
        if (state.confirmed(*report.slot)) return Ending::settled_new;
        oracle.confirm_begins();
        if (board.confirm()) oracle.confirmed();
        return Ending::goes_on;
    }
    oracle.stage_begins();
    const Result<void> installed = board.install(cast.package);
    if (installed) oracle.staged();
    if (!installed && board.flash().powered()) oracle.object(std::string("install: ") + error_name(installed.error()));
    return Ending::goes_on;
}

constexpr int max_boots_of_a_life = 12;

/// A moment from which a life can be told again.
struct Bookmark {
    Board::Moment moment;
    Oracle oracle;
    std::uint64_t operations;
};

/// The undisturbed life, with a bookmark before each boot.
std::vector<Bookmark> read_through(Board& board, const Cast& cast, Oracle oracle, std::uint64_t& operations) {
    std::vector<Bookmark> marks;
    const std::uint64_t start = board.flash().operations();
    for (int i = 0; i < max_boots_of_a_life; ++i) {
        marks.push_back({board.moment(), oracle, board.flash().operations() - start});
        if (live_once(board, cast, oracle) != Ending::goes_on) break;
    }
    operations = board.flash().operations() - start;
    return marks;
}

void wipe_journal(Board& board, const BoardSpec& spec) {
    const std::uint32_t at = 2 * spec.slot_units * spec.unit_bytes;
    const std::vector<std::uint8_t> blank(board.map().journal.bytes(), spec.erased);
    board.flash().poke(at, blank);
}

/// Goes on after a cut (or to it, when one is armed) until all is settled.
void live_on(Board& board, const Cast& cast, Oracle& oracle, LifeReport& report, int boots_allowed) {
    int boots = 0;
    for (; boots < boots_allowed; ++boots) {
        const Ending ending = live_once(board, cast, oracle);
        if (ending == Ending::settled_new) ++report.ended_new;
        if (ending == Ending::settled_old) ++report.ended_old;
        if (ending != Ending::goes_on || !oracle.objection().empty()) break;
    }
    if (boots == boots_allowed) oracle.object("does not settle");
    if (board.flash().rule_breaks() != 0) oracle.object("rule of the part broken: " + board.flash().last_rule_break());
    report.max_boots = std::max(report.max_boots, boots);
}

/// Lives until the scheduled cut strikes, or all is settled before.
Ending live_to_the_cut(Board& board, const Cast& cast, Oracle& oracle) {
    for (int boots = 0; boots < max_boots_of_a_life && board.cut_scheduled(); ++boots) {
        const Ending ending = live_once(board, cast, oracle);
        if (ending != Ending::goes_on) return ending;
    }
    return Ending::goes_on;
}

void note_wear(Board& board, const BoardSpec& spec, LifeReport& report, const FlashContent& before) {
    const auto& now = board.flash().content().erase_counts;
    for (std::uint32_t u = spec.slot_units; u < 2 * spec.slot_units; ++u) {
        report.max_unit_erases = std::max(report.max_unit_erases, now[u] - before.erase_counts[u]);
    }
}

void close_case(const Oracle& oracle, LifeReport& report, const std::string& story) {
    if (oracle.objection().empty()) return;
    ++report.dead;
    if (report.first_objection.empty()) report.first_objection = oracle.objection() + " | " + story;
}

std::string tell(const PowerCut& cut, std::uint64_t operation) {
    return "operation " + std::to_string(operation) + ", outcome " + std::to_string(static_cast<int>(cut.outcome)) +
           ", weak reads " + std::to_string(static_cast<int>(cut.weak_reads)) + ", seed " + std::to_string(cut.seed);
}

/// Calls `visit` with each way in which a cut at `operation` can go.
void for_each_cut(std::uint64_t operation, std::uint64_t seeds, const std::function<void(const PowerCut&)>& visit) {
    for (int outcome = 0; outcome < torn_kinds; ++outcome) {
        for (const WeakReads reads :
             {WeakReads::random, WeakReads::all_old, WeakReads::all_new, WeakReads::alternating}) {
            for (std::uint64_t seed = 1; seed <= seeds; ++seed)
                visit({operation, static_cast<Torn>(outcome), seed, reads});
        }
    }
}

}  // namespace

LifeReport cut_everywhere(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, Crypto& crypto,
                          const LifeOptions& options) {
    LifeReport report;
    Board board(spec, identity, crypto);
    board.provision(cast.old_image);
    const FlashContent factory = board.flash().content();
    const auto marks = read_through(board, cast, Oracle(cast, options.story, board.tries), report.operations);

    std::size_t mark = 0;
    for (std::uint64_t operation = 1; operation <= report.operations; ++operation) {
        while (mark + 1 < marks.size() && marks[mark + 1].operations < operation) ++mark;
        bool hit = false;
        for_each_cut(operation - marks[mark].operations, options.seeds, [&](const PowerCut& cut) {
            board.go_to(marks[mark].moment);
            Oracle oracle = marks[mark].oracle;
            board.schedule(cut);
            static_cast<void>(live_to_the_cut(board, cast, oracle));
            hit |= !board.flash().powered();
            ++report.cuts;
            if (options.wipe_journal) {
                wipe_journal(board, spec);
                oracle.journal_wiped();
            }
            live_on(board, cast, oracle, report, max_boots_of_a_life);
            note_wear(board, spec, report, factory);
            close_case(oracle, report, tell(cut, operation));
        });
        report.operations_hit += hit ? 1 : 0;
    }
    return report;
}

LifeReport cut_at_random(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, Crypto& crypto,
                         const LifeOptions& options, int depth, std::uint64_t runs, std::uint64_t seed) {
    LifeReport report;
    Board board(spec, identity, crypto);
    board.provision(cast.old_image);
    const Board::Moment factory = board.moment();
    for (std::uint64_t run = 0; run < runs; ++run) {
        std::mt19937_64 random(seed + run);
        board.go_to(factory);
        Oracle oracle(cast, options.story, board.tries);
        std::string story = "seed " + std::to_string(seed + run) + ":";
        Ending ending = Ending::goes_on;
        for (int i = 0; i < depth && ending == Ending::goes_on && oracle.objection().empty(); ++i) {
            const PowerCut cut{1 + random() % 60, static_cast<Torn>(random() % torn_kinds), random(),
                               static_cast<WeakReads>(random() % 4)};
            story += " [" + tell(cut, cut.at_operation) + "]";
            board.schedule(cut);
            ending = live_to_the_cut(board, cast, oracle);
            ++report.cuts;
        }
        board.schedule(std::nullopt);
        if (ending == Ending::goes_on) {
            live_on(board, cast, oracle, report, max_boots_of_a_life);
        } else {
            (ending == Ending::settled_new ? report.ended_new : report.ended_old) += 1;
        }
        close_case(oracle, report, story);
    }
    return report;
}

}  // namespace sb::sim
