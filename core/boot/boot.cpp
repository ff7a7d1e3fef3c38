#include "core/boot/boot.hpp"

namespace sb {

namespace {

bool holds_state(const Journal& journal, const FlashMap& map) {
    return journal.state().boot.layout_crc == map.layout_crc;
}

/// The journal's state, or the fact that none was left.
BootView open_view(Journal& journal, const BootDevice& device) {
    BootView view{.hardware_floor = device.hardware_floor, .tries = device.tries, .layout_crc = device.map.layout_crc};
    const Result<void> opened = journal.open();
    view.journal_lost = !opened || !holds_state(journal, device.map);
    if (!view.journal_lost) view.state = journal.state().boot;
    return view;
}

/// What must be written before anything runs: the decision's record, or the present state once more where a power
/// cut in the past could still take it away.
std::optional<State> wanted_record(const Action& action, const Journal& journal, bool lost) {
    State next = lost ? State{} : journal.state();
    if (action.record) {
        next.boot = *action.record;
        return next;
    }
    if (lost || journal.sealed()) return std::nullopt;
    return next;
}

}  // namespace

State state_of(const Journal& journal, const FlashMap& map) {
    return holds_state(journal, map) ? journal.state() : State{};
}

SlotView view_of(const Result<VerifiedImage>& image) {
    if (!image) return {.verdict = SlotView::Verdict::invalid, .why = image.error()};
    return {.verdict = SlotView::Verdict::valid,
            .digest = shorten(image->digest),
            .sequence = image->info.version.sequence(),
            .security_counter = image->info.security_counter.value_or(0)};
}

BootReport boot(Journal& journal, const BootDevice& device) {
    BootView view = open_view(journal, device);
    // Two verifications, one record that fails, and the same again without it.
    for (int step = 0; step < 6; ++step) {
        const Action action = decide(view);
        if (action.kind == Action::Kind::verify) {
            view.slots[index_of(action.slot)] =
                view_of(check_slot(device.map, action.slot, device.crypto, device.keys, device.scratch));
            continue;
        }
        const std::optional<State> record = wanted_record(action, journal, view.journal_lost);
        if (record && view.can_record && !journal.commit(*record)) {
            view.can_record = false;
            continue;
        }
        BootReport report{
            .decision = action.decision, .cause = action.cause, .state = view.state, .recorded = view.can_record};
        if (record && view.can_record) report.state = record->boot;
        if (action.kind == Action::Kind::run) report.slot = action.slot;
        return report;
    }
    return {.cause = Error::nothing_bootable, .state = view.state, .recorded = false};
}

Result<void> confirm(Journal& journal, SlotId running, const VerifiedImage& image) {
    State next = journal.state();
    BootState& boot = next.boot;
    if (boot.phase == Phase::trial) {
        if (running == boot.active || shorten(image.digest) != boot.candidate) return fail(Error::not_running);
        boot.phase = Phase::updated;
        boot.active = running;
        boot.tries_left = 0;
        boot.confirmed_sequence = next.install.candidate_sequence();
    } else if (running != boot.active) {
        return fail(Error::not_running);
    }
    boot.active_digest = shorten(image.digest);
    boot.set_confirmed(running, true);
    if (boot.cause == Error::journal_lost || boot.phase == Phase::updated) boot.cause = Error::none;
    const std::uint32_t counter = image.info.security_counter.value_or(0);
    if (counter > boot.security_floor) boot.security_floor = counter;
    if (next == journal.state() && journal.sealed()) return {};
    return journal.commit(next);
}

}  // namespace sb
