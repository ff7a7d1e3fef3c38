// sim/prove: random runs of the real journal on the simulated part: sessions that are cut at any operation with any
// outcome, weak cells that read another way at every boot, and an observer that remembers every answer.
#pragma once

#include <array>
#include <string>

#include "core/journal/basic_journal.hpp"
#include "sim/flash/nor_flash.hpp"
#include "sim/prove/observer.hpp"
#include "sim/prove/report.hpp"

namespace sb::prove {

/// Small and fast; the same stream everywhere.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
    std::uint64_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_ * 0x2545F4914F6CDD1DU >> 11;
    }
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(next() % n); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }

private:
    std::uint64_t state_;
};

/// A state whose every part depends on `id`, so that a mixture of two is recognised as neither.
[[nodiscard]] State state_of(std::uint32_t id);
/// The id of a state, or none when it is not a state_of(id).
[[nodiscard]] std::optional<std::uint32_t> id_of(const State& state);

/// A geometry for one run: granule, units, erased value, ECC, chosen by `dice`.
struct Part {
    Geometry geometry;
    std::vector<EraseRun> map;
};
[[nodiscard]] Part random_part(Dice& dice, std::uint32_t pages, std::uint32_t records);

template <class Rules>
class RandomRun {
public:
    RandomRun(const Options& options, std::uint64_t seed, Report& report, bool tell)
        : options_(options),
          dice_(seed),
          part_(random_part(dice_, Rules::pages, options.records)),
          flash_(part_.geometry, part_.map, seed),
          region_(flash_, 0, flash_.geometry().bytes),
          report_(report),
          tell_(tell) {
        flash_.on_weak_read = [this](std::uint32_t at) { return weak_reading(at); };
        flash_.on_operation = [this](std::uint32_t at, std::uint32_t n, bool is_erase) {
            ++report_.operations;
            if (tell_)
                say(std::string(is_erase ? "  erase " : "  program ") + std::to_string(at) + "+" + std::to_string(n));
        };
        static constexpr std::array<std::uint32_t, 8> rates{35, 40, 45, 50, 60, 20, 10, 3};
        rate_ = rates[dice_.below(rates.size())];
    }

    /// Whether the run ended without a violation.
    bool run() {
        for (session_ = 0; session_ < options_.sessions && !report_.violated; ++session_) {
            ++report_.sessions;
            look_around();
            if (!report_.violated) session();
        }
        return !report_.violated;
    }

private:
    using J = BasicJournal<Rules>;

    void say(const std::string& line) {
        if (tell_) report_.story.push_back(line);
    }

    void violate(const std::string& what) {
        if (report_.violated) return;
        report_.violated = true;
        report_.what = what;
        say("  VIOLATION: " + what);
    }

    sim::WeakReads weak_reading(std::uint32_t at) {
        // Each weak range reads one way at one boot, mostly; another way at the next.
        const std::uint64_t mix = (at * 0x9E3779B97F4A7C15U) ^ (boot_ * 0xD1B54A32D192ED03U);
        static constexpr std::array<sim::WeakReads, 8> ways{
            sim::WeakReads::all_old, sim::WeakReads::all_new, sim::WeakReads::all_old, sim::WeakReads::all_new,
            sim::WeakReads::random,  sim::WeakReads::all_old, sim::WeakReads::all_new, sim::WeakReads::alternating};
        return ways[(mix ^ (mix >> 29)) >> 20 & 7U];
    }

    std::optional<std::uint32_t> check_read(J& journal) {
        const auto opened = journal.open();
        std::optional<std::uint32_t> id;
        if (opened) id = id_of(journal.state());
        if (opened && !id) {
            violate("a state is read that nobody ever wrote");
            return {};
        }
        const std::string wrong = observer_.read(id);
        if (!wrong.empty()) violate(wrong);
        return id;
    }

    /// Boots that only read: whatever way the weak cells turn, no reading may contradict an answer.
    void look_around() {
        if (flash_.content().weak.empty()) return;
        for (int i = 0; i < 3 && !report_.violated; ++i) {
            ++boot_;
            J journal(region_);
            check_read(journal);
        }
        if (report_.violated) say("session " + std::to_string(session_) + ": boot that only reads");
    }

    void arm() {
        std::uint64_t at = 1;
        while (at < 64 && !dice_.chance(rate_)) ++at;
        const auto outcome = static_cast<sim::Torn>(dice_.below(sim::torn_kinds));
        static constexpr std::array<const char*, 6> names{"nothing",    "partial",       "zeroed",
                                                          "blank-weak", "complete-weak", "complete"};
        cut_ = std::string("  power cut, outcome ") + names[static_cast<std::size_t>(outcome)];
        flash_.arm({at, outcome, dice_.next(), sim::WeakReads::random});
    }

    bool write(J& journal, std::uint32_t id, bool commit) {
        observer_.tries(id);
        say((commit ? " commit state " : " append state ") + std::to_string(id));
        const auto result = commit ? journal.commit(state_of(id)) : journal.append(state_of(id));
        if (!result) {
            if (result.error() == Error::power_lost) {
                ++report_.cuts;
                say(cut_);
            } else {
                violate("a write fails though the power is steady: " + flash_.last_rule_break());
            }
            return false;
        }
        if (commit) {
            observer_.committed(id);
            ++report_.answers;
            say("  answered: committed");
        }
        return true;
    }

    void session() {
        ++boot_;
        arm();
        J journal(region_);
        const auto id = check_read(journal);
        if (report_.violated) return;
        say("session " + std::to_string(session_) + ": " + (id ? "reads state " + std::to_string(*id) : "no record") +
            (journal.sealed() ? ", sealed" : ", not sealed"));
        act(journal, id);
        flash_.power_on();
        if (flash_.rule_breaks() != 0) violate("the rules of the part are broken: " + flash_.last_rule_break());
    }

    void act(J& journal, std::optional<std::uint32_t> id) {
        if (id && journal.sealed() && dice_.chance(50)) {
            observer_.idled(*id);
            ++report_.answers;
            say(" answers idle with state " + std::to_string(*id));
            if (dice_.chance(60)) return;
        } else if (!write(journal, id ? *id : ++last_id_, true)) {
            return;
        }
        const std::uint32_t more = dice_.below(7);
        for (std::uint32_t i = 0; i < more; ++i)
            if (!write(journal, ++last_id_, dice_.chance(40))) return;
    }

    const Options& options_;
    Dice dice_;
    Part part_;
    sim::NorFlash flash_;
    Region region_;
    Report& report_;
    Observer observer_;
    bool tell_;
    std::uint32_t rate_ = 0;
    std::uint32_t session_ = 0;
    std::uint64_t boot_ = 0;
    std::uint32_t last_id_ = 0;
    std::string cut_;
};

/// Runs until `options.runs` are done or one violates; then tells the story of the shortest violating run found among
/// those that end at least as early.
template <class Rules>
[[nodiscard]] Report run_random(const Options& options) {
    Report report;
    for (std::uint64_t i = 0; i < options.runs && !report.violated; ++i) {
        report.seed = options.seed + i;
        ++report.runs;
        RandomRun<Rules>(options, report.seed, report, false).run();
    }
    if (!report.violated) return report;
    // Shrink by looking for a run that falls in fewer sessions.
    Options shorter = options;
    shorter.sessions = static_cast<std::uint32_t>(report.sessions % options.sessions);
    if (shorter.sessions == 0) shorter.sessions = options.sessions;
    std::uint64_t best = report.seed;
    for (std::uint64_t i = 1; i <= 3000 && shorter.sessions > 2; ++i) {
        Report attempt;
        if (RandomRun<Rules>(shorter, report.seed + i, attempt, false).run()) continue;
        best = report.seed + i;
        shorter.sessions = static_cast<std::uint32_t>(attempt.sessions);
    }
    Report told;
    RandomRun<Rules>(options, best, told, true).run();
    report.story = told.story;
    report.what = told.what;
    report.seed = best;
    return report;
}

}  // namespace sb::prove
