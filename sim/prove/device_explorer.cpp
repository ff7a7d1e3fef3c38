#include "sim/prove/device_explorer.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/base/error_name.hpp"

namespace sb::prove {

namespace {

using sim::PowerCut;
using sim::Torn;
using sim::WeakReads;

constexpr std::uint32_t block_bytes = sim::ContentFingerprint::block_bytes;
constexpr std::size_t most_forms = 1'000'000;  // that are remembered

std::vector<DeviceExplorer::Outcome> outcomes_of(bool is_erase) {
    const Torn weak = is_erase ? Torn::blank_weak : Torn::complete_weak;
    std::vector<PowerCut> cuts = {
        {1, Torn::nothing}, {1, Torn::complete}, {1, Torn::partial, 1}, {1, Torn::partial, 2}};
    if (is_erase) cuts.push_back({1, Torn::zeroed});
    std::vector<DeviceExplorer::Outcome> outcomes;
    outcomes.reserve(3 * cuts.size() + 8);
    for (const PowerCut& cut : cuts) outcomes.push_back({cut, false});
    outcomes.push_back({{1, weak, 1, WeakReads::random}, false});
    // Where the records go with the cut, cells are not of two minds from boot to boot: docs/powercut.md, "The oracle".
    for (const PowerCut& cut : cuts) outcomes.push_back({cut, true});
    for (const WeakReads reads : {WeakReads::all_old, WeakReads::all_new, WeakReads::alternating})
        outcomes.push_back({{1, weak, 1, reads}, true});
    return outcomes;
}

}  // namespace

Who next_of(Who who, Who newest) {
    if (who == Who::first) return Who::second;
    if (who == Who::golden) return newest;
    return who == Who::second && newest != Who::second ? newest : Who::nothing;
}

Company make_company(const sim::Workshop& shop, std::uint32_t body_bytes, const Patches& patches) {
    Company company;
    const auto add = [&](Who who, const Version& version, std::uint32_t counter) {
        const auto i = static_cast<std::size_t>(who);
        company.image[i] = shop.image(version, body_bytes, 0, counter);
        company.package[i] = shop.full(company.image[i]);
    };
    add(Who::first, {.major = 1}, 1);
    add(Who::second, {.major = 1, .minor = 1}, 2);
    add(Who::third, {.major = 1, .minor = 2}, 2);
    add(Who::golden, {.minor = 9}, 2);
    if (patches.slot_bytes == 0) return company;
    for (const Who from : {Who::first, Who::second, Who::golden}) {
        const auto i = static_cast<std::size_t>(from);
        const Who to = next_of(from, patches.newest);
        if (to == Who::nothing) continue;
        company.patch[i] = shop.in_place(company.image[i], company.image[static_cast<std::size_t>(to)],
                                         patches.slot_bytes, patches.erase_bytes, true, PayloadFormat::endsley_lzma);
    }
    return company;
}

DeviceExplorer::DeviceExplorer(const sim::BoardSpec& spec, const sim::BoardIdentity& identity, const Company& company,
                               Crypto& crypto, const ExploreOptions& options)
    : spec_(spec),
      scheme_(promise_of(spec.scheme)),
      company_(company),
      options_(options),
      crypto_(crypto),
      board_(spec, identity, crypto_),
      flash_(board_.flash()),
      journal_(flash_, board_.map().journal, board_.regions().journal.offset),
      slots_(flash_),
      store_(flash_),
      program_outcomes_(outcomes_of(false)),
      erase_outcomes_(outcomes_of(true)) {
    if (options.bootloader) board_.bootloader = options.bootloader;
    board_.provision(image(Who::first), spec.golden_units != 0 ? Bytes(image(Who::golden)) : Bytes());
    for (const auto* kept : {&company.image, &company.patch})
        for (const std::vector<std::uint8_t>& bytes : *kept) slots_.add_image(bytes);
    if (const Region marks = board_.map().patch; marks.valid()) {
        const std::uint32_t room = board_.map().patch_room();
        marks_region_ = {board_.regions().patch.offset + room, marks.bytes() - room};
        marks_.emplace(flash_, marks.from(room), marks_region_.offset);
    }
    erases_before_ = flash_.content().erase_counts;
    const sim::Board::Moment provisioned = board_.moment();
    board_.wipe_journal();
    no_records_ = journal_.of(flash_.content());
    board_.go_to(provisioned);
    flash_.on_weak_read = [this](std::uint32_t offset) { return reading_of(offset); };
}

// ---- the search ----------------------------------------------------------------------------------------------------

ExploreReport DeviceExplorer::explore() {
    frontier_.resize(1);
    const Promises beginning;
    frontier_[0].push_back(store_.put(key_of(beginning), {.promises = beginning}));
    std::uint64_t expanded = 0;
    for (std::size_t cost = 0; cost < frontier_.size() && !first_bad_; ++cost) {
        for (std::size_t i = 0; i < frontier_[cost].size() && !first_bad_; ++i) {
            const Id id = frontier_[cost][i];
            if (store_.at(id).expanded || store_.at(id).cost != cost) continue;
            if (store_.size() > options_.max_states) {
                report_.complete = false;
                break;
            }
            report_.deepest = cost;
            expand(id);
            ++expanded;
            if (options_.on_progress && expanded % 256 == 0) options_.on_progress(expanded, store_.size() - expanded);
            if (expanded % 256 == 0) crypto_.trim();
        }
        if (!report_.complete) break;
    }
    report_.states = store_.size();
    if (first_bad_) {
        report_.complete = false;
        report_.objection = first_bad_->what;
        report_.operations = store_.at(first_bad_->from).cost + (first_bad_->step.operation != 0 ? 2U : 1U);
        report_.story = tell(*first_bad_);
    }
    return report_;
}

void DeviceExplorer::expand(Id id) {
    store_.at(id).expanded = true;
    for (const Deed deed : deeds_of(store_.at(id).promises)) do_deed(id, deed);
}

std::vector<Deed> DeviceExplorer::deeds_of(const Promises& now) const {
    std::vector<Deed> deeds = {Deed::boot};
    if (now.off || now.asked) return deeds;
    const bool runs = now.runs != Who::nothing;
    // What confirmed itself keeps its way back until the next boot: the part has it locked.
    const bool locked = now.began_on_trial && now.runs != now.candidate;
    const bool installs = !runs || (scheme_.application_installs() && !locked);
    if (installs && image_for(now) != Who::nothing) deeds.push_back(Deed::install);
    // In update mode a patch is taken as long as what it is for is whole; so is a whole image. Who began with one of
    // them goes on with it: half of one and half of the other at a time would be states beyond number.
    if (!runs && takes_patch(now) && !now.tried) deeds.push_back(Deed::install_whole);
    const bool may_wait = options_.update_mode || !scheme_.application_installs();
    if (may_wait && runs && now.runs == now.good && !now.staged && !now.unknown) deeds.push_back(Deed::ask_to_wait);
    if (!runs && now.wait_tried) deeds.push_back(Deed::stop_waiting);
    if (runs && (now.runs == now.candidate || now.unknown)) deeds.push_back(Deed::confirm);
    if (runs && spec_.golden_units != 0 && now.runs != Who::golden) deeds.push_back(Deed::ask_for_reset);
    return deeds;
}

/// What is installed next. In update mode it is the image that ran well last; on trial, and where an installation
/// was begun, the same as before: a sender that never heard the answer sends it once more.
Who DeviceExplorer::image_for(const Promises& now) const {
    const bool on_trial = now.runs == now.candidate && now.runs != Who::nothing;
    const bool was_begun = now.runs == Who::nothing && now.tried && now.candidate != Who::nothing;
    if ((on_trial || was_begun) && !now.unknown) return now.candidate;
    const bool waits = now.runs == Who::nothing && now.wait_tried && !now.gone && !now.unknown;
    const Who there = waits ? now.good : now.runs;
    if (there != Who::nothing) return next_of(there, options_.newest);
    return now.unknown || now.good == Who::golden ? options_.newest : now.good;
}

/// Whether image_for() can come as a patch.
bool DeviceExplorer::takes_patch(const Promises& now) const {
    if (!scheme_.by_patch || image_for(now) == Who::nothing) return false;
    const bool waits = now.wait_tried && !now.unknown;
    return !now.gone && (now.runs != Who::nothing || waits);
}

Bytes DeviceExplorer::package_for(const Promises& now, bool whole) const {
    if (whole || !takes_patch(now)) return company_.package[static_cast<std::size_t>(image_for(now))];
    return company_.patch[static_cast<std::size_t>(now.unknown ? now.runs : now.good)];
}

/// Each way in which the weak cells that it looks at may read, and no other.
void DeviceExplorer::do_deed(Id id, Deed deed) {
    Choices choices;
    for (;;) {
        run_deed(id, deed, choices);
        if (first_bad_) return;
        while (!asked_.empty() && asked_.back().choice + 1 >= asked_.back().of) asked_.pop_back();
        if (asked_.empty()) return;
        ++asked_.back().choice;
        choices = chosen();
    }
}

Choices DeviceExplorer::chosen() const {
    Choices choices;
    for (const Asked& asked : asked_) choices.push_back(asked.choice);
    return choices;
}

WeakReads DeviceExplorer::reading_of(std::uint32_t offset) {
    const WeakReads own = flash_.content().weak.at(offset).reads;
    if (own != as_it_likes) return own;
    auto asked = std::ranges::find(asked_, offset, &Asked::offset);
    if (asked == asked_.end()) {
        const std::size_t i = asked_.size();
        // A record is looked at once: only cells of slots can change their mind meanwhile.
        const std::uint8_t of = journal_.covers(offset) || (marks_ && marks_->covers(offset)) ? 2 : 4;
        const auto choice = i < choices_.size() ? choices_[i] : std::uint8_t{0};
        asked_.push_back({offset, choice, of, choice == 2});
        asked = asked_.end() - 1;
    }
    if (asked->choice == 0) return WeakReads::all_new;
    if (asked->choice == 1) return WeakReads::all_old;
    asked->flip = !asked->flip;
    return asked->flip ? WeakReads::all_old : WeakReads::all_new;
}

void DeviceExplorer::begin_deed(Id id, const Choices& choices) {
    store_.restore(id);
    choices_ = choices;
    asked_.clear();
    operation_ = 0;
    const Promises& now = store_.at(id).promises;
    const bool runs = !now.off && now.runs != Who::nothing;
    board_.set_running(runs ? std::optional(now.slot) : std::nullopt);
    if (runs) board_.protect({now.slot, now.began_on_trial});
}

void DeviceExplorer::run_deed(Id id, Deed deed, const Choices& choices) {
    begin_deed(id, choices);
    ++report_.deeds;
    Promises now = store_.at(id).promises;
    const std::uint64_t rule_breaks = flash_.rule_breaks();
    flash_.on_change = [&](std::uint32_t offset, Bytes data) {
        if (tearing_ || first_bad_) return;
        ++operation_;
        if (!now.unknown) cut_here(id, deed, now, offset, data);
    };
    std::string wrong = act(deed, now);
    flash_.on_change = nullptr;
    if (operation_ != 0) now.proven();
    if (flash_.rule_breaks() != rule_breaks) wrong = "a rule of the part is broken: " + flash_.last_rule_break();
    if (wrong.empty()) wrong = wear_of_deed(now);
    const Step step{.deed = deed, .choices = chosen()};
    ++report_.transitions;
    if (wrong.empty()) return reached(id, now, step);
    if (!first_bad_) first_bad_ = Objection{id, step, wrong};
}

/// Without records a rewriting may be taken up that is over, and have to be undone.
std::string DeviceExplorer::wear_of_deed(const Promises& now) const {
    const std::uint32_t most = scheme_.erases * (now.unknown ? 2U : 1U);
    const std::vector<std::uint32_t>& erases = flash_.content().erase_counts;
    std::uint32_t offset = 0;
    std::size_t unit = 0;
    for (const EraseRun& run : board_.regions().erase_map) {
        for (std::uint32_t i = 0; i < run.units; ++i, ++unit, offset += run.unit_bytes) {
            if (journal_.covers(offset) || (marks_ && marks_->covers(offset))) continue;
            if (erases[unit] - erases_before_[unit] > most)
                return "a unit is erased more often than it needs to be: " + where(offset);
        }
    }
    return "";
}

// ---- deeds ---------------------------------------------------------------------------------------------------------

std::string DeviceExplorer::act(Deed deed, Promises& now) {
    switch (deed) {
        case Deed::boot:
            return boot(now);
        case Deed::install:
            return install(now, false);
        case Deed::install_whole:
            return install(now, true);
        case Deed::confirm:
            return confirm(now);
        case Deed::ask_for_reset:
            return ask_for_reset(now);
        case Deed::ask_to_wait:
            return ask_to_wait(now);
        case Deed::stop_waiting:
            return stop_waiting(now);
    }
    return "";
}

Who DeviceExplorer::look(SlotId slot) {
    for (const Who who : {Who::first, Who::second, Who::third, Who::golden})
        if (board_.holds(slot, image(who))) return who;
    return Who::stranger;
}

std::string DeviceExplorer::boot(Promises& now) {
    now.power_off();
    const BootReport report = board_.reset();
    const Who runs = report.slot ? look(*report.slot) : Who::nothing;
    const Sight seen{runs, report.slot.value_or(SlotId::a), report.state.phase == Phase::trial,
                     report.state.security_floor};
    const char* const objection = now.booted(seen, scheme_, spec_.golden_units != 0, board_.tries);
    return objection != nullptr ? objection : "";
}

std::string DeviceExplorer::install(Promises& now, bool whole) {
    const Bytes package = package_for(now, whole);
    const Promises before = now;
    now.install_begins(image_for(now), whole || !takes_patch(now), scheme_);
    const Result<void> done = board_.install(package);
    if (done) now.install_ends();
    // What runs may be on trial, or about to be replaced by the factory image. And where it was tried to leave update
    // mode, the device may be out of it and have to be restarted before it takes a patch.
    const bool may_refuse = before.unknown || before.reset_tried || (scheme_.by_patch && before.leave_tried);
    if (!done && may_refuse) now = before;
    if (done || may_refuse) return "";
    return std::string("the installation is refused: ") + error_name(done.error());
}

std::string DeviceExplorer::confirm(Promises& now) {
    now.confirm_tried = true;
    const Result<void> done = board_.confirm();
    if (done) now.confirm_ends();
    if (done || now.unknown) return "";
    return std::string("the confirmation is refused: ") + error_name(done.error());
}

std::string DeviceExplorer::ask_for_reset(Promises& now) {
    now.reset_tried = true;
    const Result<void> done = board_.ask_for_factory_reset();
    if (done) now.reset_ends();
    if (done) return "";
    return std::string("the request is refused: ") + error_name(done.error());
}

std::string DeviceExplorer::ask_to_wait(Promises& now) {
    const Promises before = now;
    now.wait_tried = true;
    const Result<void> done = board_.ask_for_update_mode();
    if (done) now.wait_ends();
    // What was cut may show up only now: an update that is staged, a factory image on its way.
    const bool may_refuse = before.tried || before.reset_tried;
    if (!done && may_refuse) now = before;
    if (done || may_refuse) return "";
    return std::string("the request is refused: ") + error_name(done.error());
}

std::string DeviceExplorer::stop_waiting(Promises& now) {
    now.wait_asked = false;
    now.leave_tried = true;
    const Result<void> done = board_.leave_update_mode();
    if (done) now.waiting_ends();
    if (done) return "";
    return std::string("to stop waiting is refused: ") + error_name(done.error());
}

// ---- cuts ----------------------------------------------------------------------------------------------------------

void DeviceExplorer::cut_here(Id id, Deed deed, const Promises& now, std::uint32_t offset, Bytes data) {
    const std::vector<Outcome>& outcomes = data.empty() ? erase_outcomes_ : program_outcomes_;
    const Choices choices = chosen();
    // To lose the records, too, is a fault of its own: it comes with a first cut. What is kept for that case alone is
    // written anew when a cut was survived; there it may come with the next one, where the first left no weak cells.
    const bool may_cut = now.cuts < options_.cuts;
    const bool may_wipe = now.cuts == 0 ? may_cut : marks_ && now.cuts == 1 && flash_.content().weak.empty();
    if (!may_cut && !may_wipe) return;
    tearing_ = true;
    for (std::size_t i = 0; i < outcomes.size() && !first_bad_; ++i) {
        if (!(outcomes[i].wiped ? may_wipe : may_cut)) continue;
        const Step step{deed, operation_, static_cast<std::uint8_t>(i), outcomes[i].wiped, choices};
        cut_with(id, step, now, offset, data, outcomes[i]);
    }
    tearing_ = false;
}

void DeviceExplorer::cut_with(Id id, const Step& step, const Promises& now, std::uint32_t offset, Bytes data,
                              const Outcome& outcome) {
    const sim::NorFlash::Moment before = flash_.moment();
    flash_.arm(outcome.cut);
    const Result<void> torn = data.empty() ? flash_.erase(offset) : flash_.program(offset, data);
    if (torn || flash_.powered()) throw std::logic_error("an operation could not be cut");
    flash_.power_on();
    Promises after = now;
    after.power_cut(step.deed == Deed::boot, board_.tries);
    if (outcome.wiped) {
        const bool weak = outcome.cut.outcome == Torn::blank_weak || outcome.cut.outcome == Torn::complete_weak;
        flash_.settle_weak_reads(as_it_likes, weak ? outcome.cut.weak_reads : WeakReads::all_new);
        after.journal_wiped(scheme_);
        wiped_ = true;
    }
    ++report_.transitions;
    ++report_.cuts;
    reached(id, after, step);
    wiped_ = false;
    flash_.go_back(before);
}

void DeviceExplorer::reached(Id from, const Promises& promises, const Step& step) {
    const auto cost = static_cast<std::uint16_t>(store_.at(from).cost + (step.operation != 0 ? 2 : 1));
    const Fingerprint key = key_of(promises);
    const Id known = store_.find(key);
    if (known != StateStore::none && (store_.at(known).expanded || store_.at(known).cost <= cost)) return;
    if (wiped_) board_.wipe_journal();
    // Found again, and cheaper: with the content of this time, so that the story is of one piece.
    await(store_.put(key, {.promises = promises, .parent = from, .cost = cost, .step = step}), cost);
}

void DeviceExplorer::await(Id id, std::size_t cost) {
    if (frontier_.size() <= cost) frontier_.resize(cost + 1);
    frontier_[cost].push_back(id);
}

/// Of a region of records, by its normal form, which takes long and mostly was asked for before.
template <class Form>
Fingerprint DeviceExplorer::form_of(Form& form, const EraseUnit& region, FormMemo& known) {
    const sim::FlashContent& content = flash_.content();
    Fingerprint raw;
    for (std::uint32_t at = region.offset; at < region.offset + region.bytes; at += block_bytes) {
        const Fingerprint block = flash_.block_fingerprint(at / block_bytes);
        raw = sim::fingerprint(block.low, sim::fingerprint(block.high, raw));
    }
    for (const auto& [offset, weak] : content.weak) {
        if (!form.covers(offset)) continue;
        raw = sim::fingerprint(offset | std::uint64_t{static_cast<std::uint8_t>(weak.reads)} << 40 |
                                   (weak.flip ? std::uint64_t{1} << 48 : 0U),
                               raw);
        raw = sim::fingerprint(weak.became, sim::fingerprint(weak.was, raw));
    }
    if (const Fingerprint* const found = known.find(raw)) return *found;
    const Fingerprint made = form.of(content);
    if (known.size() > most_forms) known = {};
    known.add(raw, made);
    return made;
}

Fingerprint DeviceExplorer::key_of(const Promises& promises) {
    const sim::FlashContent& content = flash_.content();
    const auto is_of_records = [&](std::uint32_t at) { return journal_.covers(at) || (marks_ && marks_->covers(at)); };
    Fingerprint f = promises.digest();
    for (std::uint32_t at = 0; at < content.cells.size(); at += block_bytes) {
        if (is_of_records(at)) continue;
        const std::uint32_t i = at / block_bytes;
        const Fingerprint block = slots_.of_block(content, i, flash_.block_fingerprint(i));
        f = sim::fingerprint(block.low, sim::fingerprint(block.high, f));
    }
    for (const auto& [offset, weak] : content.weak) {
        if (is_of_records(offset)) continue;
        f = sim::fingerprint(offset | std::uint64_t{static_cast<std::uint8_t>(weak.reads)} << 40 |
                                 (weak.flip ? std::uint64_t{1} << 48 : 0U),
                             f);
        for (const Fingerprint& side : {slots_.of_bytes(weak.was), slots_.of_bytes(weak.became)})
            f = sim::fingerprint(side.low, sim::fingerprint(side.high, f));
    }
    if (marks_) {
        const Fingerprint marks = form_of(*marks_, marks_region_, known_marks_);
        f = sim::fingerprint(marks.low, sim::fingerprint(marks.high, f));
    }
    const Fingerprint records = wiped_ ? no_records_ : form_of(journal_, board_.regions().journal, known_records_);
    return sim::fingerprint(records.low, sim::fingerprint(records.high, f));
}

}  // namespace sb::prove
