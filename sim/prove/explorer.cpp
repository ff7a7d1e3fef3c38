#include "sim/prove/explorer.hpp"

#include <algorithm>
#include <unordered_set>

namespace sb::prove {

namespace {

using Kind = Operation::Kind;

enum class Outcome : std::uint8_t { weak, nothing, junk, complete };
const char* name_of(Outcome o, bool erase) {
    switch (o) {
        case Outcome::weak:
            return erase ? "reads blank but weak" : "complete but weak";
        case Outcome::nothing:
            return "nothing happened";
        case Outcome::junk:
            return erase ? "zero-filled" : "some bits only";
        case Outcome::complete:
            return "finished, unanswered";
    }
    return "";
}

/// How a state was reached from another: enough to run that session again.
struct Step {
    std::uint32_t parent = 0;
    std::uint32_t hidden = 0;  ///< slots whose weak records did not read
    std::uint8_t script = 0;
    std::uint8_t operations = 0;  ///< of the script that took place, the cut one included
    bool cut = false;
    Outcome outcome = Outcome::weak;
};

class Search {
public:
    Search(const Shape& shape, const Options& options, const RunSession& run)
        : shape_(shape), options_(options), run_(run) {}

    Report search() {
        visit(first(), {}, level_);
        for (std::uint32_t cuts = 0; !report_.violated; ++cuts) {
            cuts_ = cuts;
            next_.clear();
            const std::size_t before = states_.size() - level_.size();
            // Sessions without a cut add to the level that is being walked.
            for (std::size_t i = 0; i < level_.size() && !report_.violated && report_.complete; ++i) expand(level_[i]);
            report_.states_at.push_back(states_.size() - next_.size() - before);
            if (report_.violated || !report_.complete) break;
            report_.cuts_survived = cuts;
            if (next_.empty() || cuts == options_.cuts) break;
            level_ = next_;
        }
        report_.traces = sessions_.size();
        return std::move(report_);
    }

private:
    // What every commit leaves: one page with three records of one state, the others blank.
    [[nodiscard]] Abstract first() const {
        Abstract a;
        for (std::uint8_t i = 0; i < 3; ++i) a.slot[i] = {Cell::valid, 1, static_cast<std::uint8_t>(i + 1), 1};
        return a;
    }

    void visit(const Abstract& raw, const Step& step, std::vector<std::uint32_t>& into) {
        const Abstract state = normal(raw, shape_);
        const auto [found, is_new] = known_.try_emplace(state, static_cast<std::uint32_t>(states_.size()));
        if (!is_new) return;
        states_.push_back(state);
        steps_.push_back(step);
        into.push_back(found->second);
        if (states_.size() >= options_.max_states) report_.complete = false;
    }

    [[nodiscard]] Abstract reading(const Abstract& a, std::uint32_t hidden) const {
        Abstract seen = a;
        for (std::uint32_t i = 0; i < shape_.slots(); ++i) {
            Slot& s = seen.slot[i];
            if (s.cell == Cell::weak) s.cell = (hidden >> i & 1U) != 0 ? Cell::blank : Cell::valid;
            if (s.cell == Cell::blank_weak) s.cell = Cell::blank;
            if (!s.record()) s = {s.cell, 0, 0, 0};
        }
        return seen;
    }

    const Session& session_on(const Abstract& seen) {
        const auto found = sessions_.find(seen);
        if (found != sessions_.end()) return found->second;
        return sessions_.emplace(seen, run_(shape_, seen)).first->second;
    }

    /// All combinations of the pages' readings.
    void expand(std::uint32_t id) {
        const Abstract state = states_[id];
        std::vector<std::vector<std::uint32_t>> pages;
        pages.reserve(shape_.pages);
        for (std::uint32_t p = 0; p < shape_.pages; ++p)
            pages.push_back(readings_of(&state.slot[p * shape_.records], shape_.records));
        std::vector<std::size_t> pick(shape_.pages, 0);
        for (;;) {
            std::uint32_t hidden = 0;
            for (std::uint32_t p = 0; p < shape_.pages; ++p) hidden |= pages[p][pick[p]] << (p * shape_.records);
            boot(id, state, hidden);
            if (report_.violated) return;
            std::uint32_t p = 0;
            while (p < shape_.pages && ++pick[p] == pages[p].size()) pick[p++] = 0;
            if (p == shape_.pages) return;
        }
    }

    void violate(std::uint32_t id, std::uint32_t hidden, const std::string& what) {
        report_.violated = true;
        report_.what = what;
        tell(id, hidden);
    }

    void boot(std::uint32_t id, const Abstract& state, std::uint32_t hidden) {
        // The journal compares session numbers and states, no more: readings that are equal but for names are one.
        Renaming names;
        const Session& session = session_on(normal(reading(state, hidden), shape_, &names));
        if (session.lost) return violate(id, hidden, "everything is lost after a state was answered");
        if (session.read >= forbidden) return violate(id, hidden, "a state is read though an answer told otherwise");
        for (std::size_t s = 0; s < session.scripts.size(); ++s) {
            Step step{id, hidden, static_cast<std::uint8_t>(s), 0, false, Outcome::weak};
            if (!play(state, renamed(session.scripts[s], names), step))
                return violate(id, hidden, "programs what is not blank");
        }
    }

    /// A script that was run on the normal form of a reading, in the names of the reading.
    [[nodiscard]] const std::vector<Operation>& renamed(const std::vector<Operation>& script, const Renaming& names) {
        script_ = script;
        for (Operation& op : script_) {
            op.slot = moved(op.slot, names.rotation);
            op.record.session = static_cast<std::uint8_t>(op.record.session + names.session);
            if (op.record.content < first_new_content || op.record.content >= forbidden)
                op.record.content = names.content[op.record.content];
        }
        return script_;
    }

    [[nodiscard]] std::uint8_t moved(std::uint8_t slot, std::uint32_t rotation) const {
        const std::uint32_t page = (slot / shape_.records + rotation) % shape_.pages;
        return static_cast<std::uint8_t>(page * shape_.records + slot % shape_.records);
    }

    /// Whether the same rest of a session was already cut everywhere, on the same region but for names.
    bool played(const Abstract& state, const std::vector<Operation>& script, std::size_t from) {
        Renaming names;
        const Abstract usual = normal(state, shape_, &names);
        std::uint64_t hash = AbstractHash{}(usual);
        for (std::size_t i = from; i < script.size(); ++i) {
            const Operation& op = script[i];
            const auto kind = static_cast<std::uint64_t>(op.kind);
            const std::uint64_t slot = moved(op.slot, shape_.pages - names.rotation);
            const auto session = static_cast<std::uint8_t>(op.record.session - names.session);
            hash = (hash ^ (kind << 32 | slot << 24 | static_cast<std::uint64_t>(session) << 16 |
                            static_cast<std::uint64_t>(op.record.index) << 8 | op.record.content)) *
                   0xD6E8FEB86659FD93U;
            hash ^= hash >> 29;
        }
        return !played_.insert(hash).second;
    }

    /// Cuts one script at each of its operations. False when the journal programs what it may not.
    bool play(Abstract state, const std::vector<Operation>& script, Step step) {
        for (const Operation& op : script) {
            ++step.operations;
            if (op.kind == Kind::answer_commit || op.kind == Kind::answer_idle) {
                answer(state, op);
                step.cut = false;
                visit(state, step, level_);
                if (op.kind == Kind::answer_commit && played(state, script, step.operations)) return true;
                continue;
            }
            step.cut = true;
            if (op.kind == Kind::program && !programmable(state.slot[op.slot])) return false;
            if (cuts_ < options_.cuts) cut(state, op, step);
            complete(state, op);
        }
        step.cut = false;
        visit(state, step, level_);
        return true;
    }

    static bool programmable(const Slot& s) { return s.cell == Cell::blank || s.cell == Cell::blank_weak; }

    void cut(const Abstract& state, const Operation& op, Step step) {
        // Weak dominates: at each boot the adversary lets it read as any of the other outcomes does.
        const int outcomes = options_.all_outcomes ? 4 : 1;
        for (int o = 0; o < outcomes; ++o) {
            step.outcome = static_cast<Outcome>(o);
            Abstract after = state;
            tear(after, op, step.outcome);
            visit(after, step, next_);
        }
    }

    void tear(Abstract& a, const Operation& op, Outcome outcome) const {
        if (outcome == Outcome::nothing) return;
        if (outcome == Outcome::complete) return complete(a, op);
        if (op.kind == Kind::program) {
            a.slot[op.slot] = op.record;
            if (outcome == Outcome::weak) a.slot[op.slot].cell = Cell::weak;
            if (outcome == Outcome::junk) a.slot[op.slot] = {Cell::junk, 0, 0, 0};
            return;
        }
        for (std::uint32_t i = op.slot; i < op.slot + shape_.records; ++i) {
            Slot& s = a.slot[i];
            if (outcome == Outcome::junk) {
                s = {Cell::junk, 0, 0, 0};
            } else if (s.cell == Cell::valid) {
                s.cell = Cell::weak;
            } else if (s.cell == Cell::blank) {
                s.cell = Cell::blank_weak;
            }
        }
    }

    void complete(Abstract& a, const Operation& op) const {
        if (op.kind == Kind::program) {
            const bool weak_below = a.slot[op.slot].cell == Cell::blank_weak;
            a.slot[op.slot] = op.record;
            if (weak_below) a.slot[op.slot].cell = Cell::weak;
            return;
        }
        for (std::uint32_t i = op.slot; i < op.slot + shape_.records; ++i) a.slot[i] = {};
    }

    /// The oracle: a commit forbids every other state there is; an idle answer forbids those tried before it.
    void answer(Abstract& a, const Operation& op) const {
        std::array<bool, 256> taken{};
        for (const Slot& s : a.slot) taken[s.content] = true;
        std::array<std::uint8_t, 256> name{};
        for (std::uint32_t c = 0; c < 256; ++c) name[c] = static_cast<std::uint8_t>(c);
        std::uint32_t free = forbidden;
        for (std::uint32_t c = 1; c < forbidden; ++c) {
            const bool stale = op.kind == Kind::answer_commit ? c != op.record.content : c < op.record.content;
            if (!taken[c] || !stale) continue;
            while (taken[free]) ++free;
            taken[free] = true;
            name[c] = static_cast<std::uint8_t>(free);
        }
        for (Slot& s : a.slot)
            if (s.record()) s.content = name[s.content];
    }

    // ---- stories --------------------------------------------------------------------------------------------------

    /// Runs the way from the first state to `id` again, in one set of names, and the last reading.
    void tell(std::uint32_t id, std::uint32_t hidden) {
        std::vector<std::uint32_t> way;
        for (std::uint32_t at = id; at != 0; at = steps_[at].parent) way.push_back(at);
        std::reverse(way.begin(), way.end());
        Abstract state = first();
        std::uint32_t boots = 0;
        report_.story.push_back("  committed       " + picture(state, shape_));
        for (const std::uint32_t at : way) {
            const Step& step = steps_[at];
            const std::vector<Operation> script = tell_boot(++boots, state, step.hidden, step.script);
            for (std::uint8_t i = 0; i < step.operations; ++i) tell_operation(state, script[i], step, i);
            report_.story.push_back("  flash           " + picture(state, shape_));
        }
        tell_boot(++boots, state, hidden, 255);
        report_.story.push_back("  VIOLATION: " + report_.what);
    }

    std::vector<Operation> tell_boot(std::uint32_t number, const Abstract& state, std::uint32_t hidden,
                                     std::uint8_t script) {
        // As in the search: the normal form of the region, a reading of it, the normal form of the reading.
        Renaming region;
        Renaming names;
        const Abstract seen = reading(normal(state, shape_, &region), hidden);
        const Session& session = session_on(normal(seen, shape_, &names));
        std::string line = "boot " + std::to_string(number) + ": reads       " + picture(told(seen, region), shape_);
        if (!session.lost) {
            const std::uint8_t was = region.content[names.content[session.read]];
            line += ", so state " + (was < forbidden ? std::to_string(was) : "!" + std::to_string(was - forbidden));
        }
        report_.story.push_back(line);
        std::vector<Operation> out;
        if (script >= session.scripts.size()) return out;
        for (Operation op : renamed(session.scripts[script], names)) {
            op.slot = moved(op.slot, region.rotation);
            op.record = told(op.record, region, highest(state));
            out.push_back(op);
        }
        return out;
    }

    /// The highest allowed content: new ones are numbered from there.
    static std::uint8_t highest(const Abstract& a) {
        std::uint8_t top = 0;
        for (const Slot& s : a.slot)
            if (s.record() && s.content < forbidden) top = std::max(top, s.content);
        return top;
    }

    static Slot told(Slot s, const Renaming& names, std::uint8_t top) {
        s.session = static_cast<std::uint8_t>(s.session + names.session);
        const bool is_new = s.content >= first_new_content && s.content < forbidden;
        s.content =
            is_new ? static_cast<std::uint8_t>(s.content - first_new_content + top + 1) : names.content[s.content];
        return s;
    }

    [[nodiscard]] Abstract told(const Abstract& a, const Renaming& names) const {
        Abstract out;
        for (std::uint32_t i = 0; i < shape_.slots(); ++i) {
            const std::uint32_t page = (i / shape_.records + names.rotation) % shape_.pages;
            out.slot[page * shape_.records + i % shape_.records] =
                a.slot[i].record() ? told(a.slot[i], names, 0) : a.slot[i];
        }
        return out;
    }

    void tell_operation(Abstract& state, const Operation& op, const Step& step, std::uint8_t i) {
        const bool is_cut = step.cut && i + 1 == step.operations;
        const std::string page = " page " + std::to_string(op.slot / shape_.records);
        std::string line;
        switch (op.kind) {
            case Kind::erase:
                line = "  erase" + page;
                break;
            case Kind::program:
                line = "  program" + page + ": " + std::to_string(op.record.session) + "." +
                       std::to_string(op.record.index) + ":" + std::to_string(op.record.content);
                break;
            case Kind::answer_commit:
                line = "  answered: state " + std::to_string(op.record.content) + " is committed";
                break;
            case Kind::answer_idle:
                line = "  answered (idle): state " + std::to_string(op.record.content);
                break;
        }
        if (is_cut) line += "   POWER CUT, " + std::string(name_of(step.outcome, op.kind == Kind::erase));
        report_.story.push_back(line);
        if (op.kind == Kind::answer_commit || op.kind == Kind::answer_idle) {
            answer(state, op);
        } else if (is_cut) {
            tear(state, op, step.outcome);
        } else {
            complete(state, op);
        }
    }

    Shape shape_;
    const Options& options_;
    const RunSession& run_;
    Report report_;
    std::uint32_t cuts_ = 0;
    std::unordered_map<Abstract, std::uint32_t, AbstractHash> known_;
    std::vector<Abstract> states_;
    std::unordered_set<std::uint64_t> played_;
    std::vector<Operation> script_;
    std::vector<Step> steps_;
    std::vector<std::uint32_t> level_;
    std::vector<std::uint32_t> next_;
    std::unordered_map<Abstract, Session, AbstractHash> sessions_;
};

}  // namespace

Report explore(const Shape& shape, const Options& options, const RunSession& run) {
    return Search(shape, options, run).search();
}

}  // namespace sb::prove
