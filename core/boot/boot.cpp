#include "core/boot/boot.hpp"

namespace sb {

namespace {

SlotView look_at(SlotId slot, const BootDevice& device) {
    const Result<VerifiedImage> image = check_slot(device.map, slot, device.crypto, device.keys, device.scratch);
    if (!image) return {.verdict = SlotView::Verdict::invalid, .why = image.error()};
    return {.verdict = SlotView::Verdict::valid,
            .digest = shorten(image->digest),
            .sequence = image->info.version.sequence(),
            .security_counter = image->info.security_counter.value_or(0)};
}

/// The journal's state, or the fact that none was left. A record made for another layout names slots that are not
/// these: it counts as lost.
BootView open_view(Journal& journal, const BootDevice& device) {
    BootView view{.hardware_floor = device.hardware_floor, .tries = device.tries, .layout_crc = device.map.layout_crc};
    const Result<void> opened = journal.open();
    view.journal_lost = !opened || journal.state().boot.layout_crc != device.map.layout_crc;
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

BootReport boot(Journal& journal, const BootDevice& device) {
    BootView view = open_view(journal, device);
    // Two verifications, one record that fails, and the same again without it.
    for (int step = 0; step < 6; ++step) {
        const Action action = decide(view);
        if (action.kind == Action::Kind::verify) {
            view.slots[index_of(action.slot)] = look_at(action.slot, device);
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
