// sim/prove: explicit-state exploration. From the state that a commit leaves, every session that the real journal can
// run is cut at each of its operations, with every reading of the weak cells at every boot; states are taken as equal
// by abstract.hpp, and each is visited once, with the fewest cuts in a row that reach it.
#pragma once

#include <functional>
#include <unordered_map>

#include "core/journal/basic_journal.hpp"
#include "sim/prove/report.hpp"
#include "sim/prove/slot_flash.hpp"

namespace sb::prove {

/// What the callers do in a session, with steady power, on one reading of the flash.
struct Session {
    bool lost = false;      ///< open() found nothing
    std::uint8_t read = 0;  ///< content of the state that open() found
    std::vector<std::vector<Operation>> scripts;
};

/// Runs the real journal on a reading. Given as a function, so that the search is compiled once for all rules.
using RunSession = std::function<Session(const Shape&, const Abstract& reading)>;

/// Searches breadth first by cuts in a row, up to options.cuts.
[[nodiscard]] Report explore(const Shape& shape, const Options& options, const RunSession& run);

/// States tried in a session get these contents, above all that are there.
inline constexpr std::uint8_t first_new_content = 100;

/// The scripts of the callers (docs/power.md, rule 6): a boot that answers idle when it may; a boot or an application
/// that goes on from there; a boot that proves its state first and then acts.
template <class Rules>
[[nodiscard]] Session run_session(const Shape& shape, const Abstract& reading) {
    using J = BasicJournal<Rules>;
    using Kind = Operation::Kind;
    const auto fill = [](const Slot& s, MutableBytes out) {
        State state;
        state.boot.security_floor = s.content;
        Rules::encode({s.session, s.index}, state, out);
    };
    Session session;
    // commit: 'c' the state read, 'n' a new one; append: 'a'; answer idle: 'i'.
    for (const char* script : {"i", "iaana", "cnaan", "naa"}) {
        SlotFlash flash(shape, reading, fill);
        J journal(Region(flash, 0, flash.geometry().bytes));
        if (!journal.open()) {
            session.lost = true;
            return session;
        }
        session.read = static_cast<std::uint8_t>(journal.state().boot.security_floor);
        if (script[0] == 'i' && !journal.sealed()) continue;
        std::uint8_t content = session.read;
        std::uint8_t next = first_new_content;
        bool committed = false;
        for (const char* step = script; *step != 0; ++step) {
            const auto answer = [&](Kind kind) {
                Operation op;
                op.kind = kind;
                op.record.content = content;
                flash.log.push_back(op);
            };
            if (*step == 'i') {
                answer(Kind::answer_idle);
                continue;
            }
            if (*step != 'c') content = next++;
            State state;
            state.boot.security_floor = content;
            const auto written = *step == 'a' ? journal.append(state) : journal.commit(state);
            if (!written) break;
            committed |= *step != 'a';
            if (committed) answer(Kind::answer_commit);
        }
        session.scripts.push_back(std::move(flash.log));
    }
    return session;
}

}  // namespace sb::prove
