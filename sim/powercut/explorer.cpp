#include "sim/powercut/explorer.hpp"

#include <algorithm>
#include <stdexcept>

namespace sb::sim {

namespace {
// What is remembered is bounded: about 300 MB. Beyond, lives are told that could have been joined.
constexpr std::size_t max_fates = 5'000'000;
}  // namespace

Explorer::Explorer(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, Crypto& crypto,
                   const LifeOptions& options)
    : spec_(spec),
      cast_(cast),
      options_(options),
      crypto_(crypto),
      board_(spec, identity, crypto_),
      flash_(board_.flash()),
      program_cuts_(cuts_of(false, options.seeds, !options.wipe_journal)),
      erase_cuts_(cuts_of(true, options.seeds, !options.wipe_journal)) {
    if (options.bootloader) board_.bootloader = options.bootloader;
    const bool in_b = options.start == SlotId::b && !cast.old_image_b.empty();
    board_.provision(in_b ? cast.old_image_b : cast.old_image, cast.golden, options.start);
    factory_wear_ = flash_.content().erase_counts;
    factory_ = flash_.moment();
    report_.max_wear.assign(factory_wear_.size(), 0);
}

LifeState Explorer::beginning() const {
    return {.oracle = Oracle(cast_, spec_, options_.story, board_.tries)};
}

// ---- telling a life ------------------------------------------------------------------------------------------------

bool Explorer::known(int boots) {
    const Fingerprint& trace = flash_.trace();
    const Fingerprint key = fingerprint(trace.low, fingerprint(trace.high, flash_.content_fingerprint()));
    if (const Fate* const fate = fates_.find(key)) {
        found_ = *fate;
        return true;
    }
    moments_.push_back({key, boots, operations_});
    return false;
}

void Explorer::note_operation(const LifeState& state, std::uint32_t offset, Bytes data, bool keep_steps) {
    if (known(state.boots)) return flash_.power_off();
    ++operations_;
    Run& run = runs_.back();
    if (data.empty()) run.erases.emplace_back(operations_, static_cast<std::uint32_t>(flash_.unit_index(offset)));
    if (!keep_steps) return;
    run.steps.push_back({offset, {data.begin(), data.end()}, state.next, state.oracle, flash_.weak_state()});
}

Explorer::Outcome Explorer::end_of(const LifeState& state) const {
    Outcome outcome{
        .ending = state.ending, .boots = state.boots, .steps = operations_, .objection = state.oracle.objection()};
    if (found_) {
        outcome.ending = found_->ending;
        outcome.boots += found_->boots;
        outcome.steps += found_->steps;
        outcome.joined = true;
        outcome.joins = *found_;
        if (outcome.ending == Ending::objected) outcome.objection = "goes on as another life that ended badly";
    }
    if (outcome.ending == Ending::goes_on || outcome.boots > max_boots_of_a_life) {
        outcome.ending = Ending::objected;
        outcome.objection = "does not settle";
    }
    return outcome;
}

void Explorer::remember(const Outcome& outcome) {
    if (fates_.size() > max_fates) return;
    for (const Moment& moment : moments_) {
        const auto boots = static_cast<std::uint8_t>(outcome.boots - moment.boots);
        fates_.add(moment.key,
                   Fate{outcome.ending, boots, outcome.run, moment.operation, outcome.steps - moment.operation});
    }
}

Explorer::Outcome Explorer::live_on(LifeState state, bool keep_steps) {
    moments_.clear();
    operations_ = 0;
    found_.reset();
    state.boots = 0;
    runs_.emplace_back();
    flash_.on_change = [&](std::uint32_t offset, Bytes data) { note_operation(state, offset, data, keep_steps); };
    while (state.ending == Ending::goes_on && state.boots < max_boots_of_a_life) {
        flash_.start_trace(state.digest());
        if (known(state.boots)) break;
        do_next(board_, cast_, state);
        if (found_) break;
    }
    flash_.on_change = nullptr;
    Outcome outcome = end_of(state);
    if (moments_.empty()) {
        runs_.pop_back();
        return outcome;
    }
    outcome.run = static_cast<std::uint32_t>(runs_.size() - 1);
    if (found_) {
        runs_.back().joins = found_->run;
        runs_.back().joins_at = found_->operation;
    }
    remember(outcome);
    return outcome;
}

Explorer::Outcome Explorer::live_in_full(LifeState state) {
    found_.reset();
    state.boots = 0;
    const std::uint64_t operations = flash_.operations();
    crypto_.remember(false);
    while (state.ending == Ending::goes_on && state.boots < max_boots_of_a_life) do_next(board_, cast_, state);
    crypto_.remember(true);
    operations_ = static_cast<std::uint32_t>(flash_.operations() - operations);
    return end_of(state);
}

// ---- cutting it ----------------------------------------------------------------------------------------------------

LifeState Explorer::tear(const Step& step, const PowerCut& cut) {
    flash_.arm(cut);
    const Result<void> torn = step.data.empty() ? flash_.erase(step.offset) : flash_.program(step.offset, step.data);
    if (torn || flash_.powered()) throw std::logic_error("a recorded operation could not be cut");
    flash_.power_on();
    LifeState state{.oracle = step.oracle, .next = step.act};
    state.cut_in(step.act);
    if (options_.wipe_journal) {
        board_.wipe_journal();
        state.oracle.journal_wiped();
    }
    return state;
}

void Explorer::redo(const Step& step) {
    flash_.set_weak_state(step.weak);
    const Result<void> done = step.data.empty() ? flash_.erase(step.offset) : flash_.program(step.offset, step.data);
    if (!done) throw std::logic_error("a recorded operation could not be repeated");
}

/// The erases of each unit in the whole life that just ended, also in what it only joined.
std::vector<std::uint32_t> Explorer::wear_of(const Outcome& outcome) const {
    std::vector<std::uint32_t> wear = flash_.content().erase_counts;
    for (std::size_t unit = 0; unit < wear.size(); ++unit) wear[unit] -= factory_wear_[unit];
    std::uint32_t run = outcome.joined ? outcome.joins.run : none;
    std::uint32_t from = outcome.joins.operation;
    while (run != none) {
        for (const auto& [operation, unit] : runs_[run].erases)
            if (operation > from) ++wear[unit];
        from = runs_[run].joins_at;
        run = runs_[run].joins;
    }
    return wear;
}

void Explorer::note_wear(const std::vector<std::uint32_t>& wear) {
    for (std::size_t unit = 0; unit < wear.size(); ++unit)
        report_.max_wear[unit] = std::max(report_.max_wear[unit], wear[unit]);
}

void Explorer::count(const Outcome& outcome, const Path& path) {
    ++report_.cuts;
    report_.merged += outcome.joined ? 1 : 0;
    switch (outcome.ending) {
        case Ending::settled_new:
            ++report_.ended_new;
            break;
        case Ending::settled_old:
            ++report_.ended_old;
            break;
        case Ending::settled_golden:
            ++report_.ended_golden;
            break;
        case Ending::came_back:
            ++report_.update_mode;
            break;
        case Ending::goes_on:
        case Ending::objected:
            ++report_.dead;
            if (!first_bad_) first_bad_ = path;
            return;
    }
    report_.max_boots = std::max(report_.max_boots, outcome.boots);
    report_.max_steps = std::max(report_.max_steps, outcome.steps);
}

/// Requires: the flash is as it was before `step`, and is left so.
Explorer::Cut Explorer::cut_and_live(const Step& step, const PowerCut& cut, bool keep_steps) {
    const NorFlash::Moment before = flash_.moment();
    const LifeState state = tear(step, cut);
    const std::uint32_t bytes =
        step.data.empty() ? flash_.geometry().unit_at(step.offset).bytes : static_cast<std::uint32_t>(step.data.size());
    flash_.watch(step.offset, bytes);
    Cut done{.outcome = live_on(state, keep_steps), .wear = {}};
    done.any_will_do = flash_.erased_unseen() && !keep_steps && done.outcome.ending != Ending::objected;
    flash_.watch_no_more();
    done.wear = wear_of(done.outcome);
    flash_.go_back(before);
    note_wear(done.wear);
    return done;
}

void Explorer::check_in_full(const Step& step, const Path& path, const Outcome& remembered,
                             const std::vector<std::uint32_t>& wear) {
    const NorFlash::Moment before = flash_.moment();
    const Outcome full = live_in_full(tear(step, path.back().cut));
    const bool same_wear = wear_of(full) == wear;
    flash_.go_back(before);
    ++report_.checked;
    const bool bad = full.ending == Ending::objected && remembered.ending == Ending::objected;
    if (bad || (full.ending == remembered.ending && full.boots == remembered.boots && full.steps == remembered.steps &&
                same_wear))
        return;
    throw std::logic_error("the checker contradicts itself at operation " + std::to_string(path.back().operation) +
                           " (" + describe(path.back().cut) + "): joined it ends " +
                           std::to_string(static_cast<int>(remembered.ending)) + " after " +
                           std::to_string(remembered.boots) + " boots, told in full " +
                           std::to_string(static_cast<int>(full.ending)) + " after " + std::to_string(full.boots));
}

void Explorer::cut_operation(const Step& step, const Path& path, std::vector<Child>* children) {
    Cut last;
    for (const PowerCut& cut : step.data.empty() ? erase_cuts_ : program_cuts_) {
        Path here = path;
        here.back().cut = cut;
        // What the cut left where nobody looks before it is erased: the life does not depend on how it was cut.
        if (last.any_will_do) last.outcome.joined = true;
        if (!last.any_will_do) last = cut_and_live(step, cut, children != nullptr);
        if (options_.check_one_in != 0 && report_.cuts % options_.check_one_in == options_.check_one_in / 2)
            check_in_full(step, here, last.outcome, last.wear);
        if (children != nullptr && last.outcome.run != none) children->push_back({here.back(), last.outcome.run});
        count(last.outcome, here);
    }
    crypto_.trim();
}

/// Cuts every operation of the recoveries from cuts in `step`.
void Explorer::cut_recoveries(const Step& step, std::vector<Child>& children) {
    for (const Child& child : children) {
        const NorFlash::Moment before = flash_.moment();
        static_cast<void>(tear(step, child.at.cut));
        const std::vector<Step> steps = std::move(runs_[child.run].steps);
        Path path = {child.at, {}};
        for (const Step& again : steps) {
            ++path.back().operation;
            flash_.set_weak_state(again.weak);
            cut_operation(again, path, nullptr);
            redo(again);
        }
        flash_.go_back(before);
    }
    children = {};
}

void Explorer::progress(std::uint64_t done, std::uint64_t all) const {
    if (options_.on_progress) options_.on_progress(all == 0 ? 1000 : done * 1000 / all);
}

bool Explorer::live_undisturbed() {
    const Outcome undisturbed = live_on(beginning(), true);
    report_.wear = wear_of(undisturbed);
    note_wear(report_.wear);
    if (undisturbed.ending != Ending::objected) return true;
    ++report_.dead;
    first_bad_ = Path{};
    return false;
}

LifeReport Explorer::cut_everywhere() {
    if (!live_undisturbed()) return finish_report();
    const std::vector<Step> steps = std::move(runs_.front().steps);
    std::vector<std::vector<Child>> children(steps.size());
    const bool twice = options_.depth > 1 && !options_.wipe_journal;
    const std::uint64_t rounds = steps.size() * (twice ? 2 : 1) / options_.parts;

    // All lives with one cut are told before the first with two: a life with two joins only what had its cuts.
    flash_.go_back(factory_);
    const std::size_t from = steps.size() * options_.part / options_.parts;
    const std::size_t to = steps.size() * (options_.part + 1) / options_.parts;
    for (std::size_t i = 0; i < to; ++i) {
        flash_.set_weak_state(steps[i].weak);
        if (i >= from && i % options_.every == 0) {
            ++report_.operations;
            const std::uint64_t before = report_.cuts;
            cut_operation(steps[i], {{i + 1, {}}}, twice ? &children[i] : nullptr);
            report_.operations_hit += report_.cuts != before ? 1 : 0;
        }
        redo(steps[i]);
        if (i >= from) progress(i - from, rounds);
    }
    if (!twice) return finish_report();
    flash_.go_back(factory_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        flash_.set_weak_state(steps[i].weak);
        cut_recoveries(steps[i], children[i]);
        redo(steps[i]);
        progress(steps.size() + i, rounds);
    }
    return finish_report();
}

LifeReport Explorer::finish_report() {
    report_.distinct_states = runs_.size();
    const BoardMap& map = board_.regions();
    for (std::size_t unit = 0; unit < report_.max_wear.size(); ++unit) {
        const bool journal = unit >= flash_.unit_index(map.journal.offset);
        std::uint32_t& most = journal ? report_.max_journal_erases : report_.max_unit_erases;
        most = std::max(most, report_.max_wear[unit]);
    }
    if (first_bad_) report_.first_objection = tell(options_.random_lives != 0 ? shrink(*first_bad_) : *first_bad_);
    progress(1, 1);
    return report_;
}

}  // namespace sb::sim
