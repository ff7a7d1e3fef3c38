#include "core/boot/decide.hpp"

namespace sb {

namespace {

using Verdict = SlotView::Verdict;

Action verify(SlotId slot) {
    return {.kind = Action::Kind::verify, .slot = slot};
}

Action run(SlotId slot, Decision decision, Error cause, std::optional<BootState> record) {
    return {.kind = Action::Kind::run, .slot = slot, .record = record, .decision = decision, .cause = cause};
}

Action nothing_bootable() {
    return {.cause = Error::nothing_bootable};
}

bool known(const BootView& view, SlotId slot) {
    return view.slot(slot).verdict != Verdict::unknown;
}

/// The last resort: the active image does not run, whatever else verifies does. It is left unconfirmed unless its
/// slot was confirmed before.
Action fall_back(const BootView& view, SlotId slot) {
    if (!known(view, slot)) return verify(slot);
    if (slot_objection(view, slot) != Error::none) return nothing_bootable();
    BootState next = view.state;
    next.phase = Phase::failed;
    next.cause = Error::active_invalid;
    next.active = slot;
    next.active_digest = view.slot(slot).digest;
    next.tries_left = 0;
    return run(slot, Decision::fallback, Error::active_invalid, next);
}

/// Ends an update with `cause`: the active (old) image runs again.
Action switch_back(const BootView& view, Error cause) {
    const SlotId old = view.state.active;
    if (!known(view, old)) return verify(old);
    if (slot_objection(view, old) != Error::none) return fall_back(view, other(old));
    BootState next = view.state;
    next.phase = Phase::failed;
    next.cause = cause;
    next.tries_left = 0;
    return run(old, Decision::switch_back, cause, next);
}

Action start_active(const BootView& view) {
    const SlotId slot = view.state.active;
    if (!known(view, slot)) return verify(slot);
    if (slot_objection(view, slot) != Error::none) return fall_back(view, other(slot));
    return run(slot, Decision::active, view.state.cause, std::nullopt);
}

/// Starts the pending image once more, with one try fewer: a try is spent before the jump, so that an image that
/// takes the power down with it cannot spend it for ever.
Action try_pending(const BootView& view) {
    if (view.state.tries_left == 0) return switch_back(view, Error::tries_exhausted);
    const SlotId pending = other(view.state.active);
    if (!known(view, pending)) return verify(pending);
    if (slot_objection(view, pending) != Error::none) return switch_back(view, Error::slot_invalid);
    if (view.slot(pending).digest != view.state.candidate) return switch_back(view, Error::slot_invalid);
    if (!view.can_record) return switch_back(view, Error::io);
    BootState next = view.state;
    next.phase = Phase::trial;
    next.tries_left = static_cast<std::uint8_t>(view.state.tries_left - 1);
    return run(pending, Decision::trial, Error::none, next);
}

/// The newer of two images: higher security counter, then higher sequence, then slot A.
SlotId newer_slot(const BootView& view) {
    const SlotView& a = view.slot(SlotId::a);
    const SlotView& b = view.slot(SlotId::b);
    if (a.security_counter != b.security_counter)
        return a.security_counter > b.security_counter ? SlotId::a : SlotId::b;
    return a.sequence >= b.sequence ? SlotId::a : SlotId::b;
}

/// Without any record the content decides. The newest image that verifies runs, unconfirmed. Where the other one
/// verifies too, with the same security counter, it is a trial with a way back, since nobody knows any more whether the
/// newest ever ran well. To an image with a lower counter there is no way back: the lost floor may have been above it.
Action recover(const BootView& view) {
    if (!known(view, SlotId::a)) return verify(SlotId::a);
    if (!known(view, SlotId::b)) return verify(SlotId::b);
    const bool a_runs = slot_objection(view, SlotId::a) == Error::none;
    const bool b_runs = slot_objection(view, SlotId::b) == Error::none;
    if (!a_runs && !b_runs) return nothing_bootable();

    const SlotId best = a_runs && b_runs ? newer_slot(view) : (a_runs ? SlotId::a : SlotId::b);
    BootState next;
    next.layout_crc = view.layout_crc;
    next.cause = Error::journal_lost;
    next.security_floor = view.hardware_floor;
    if (a_runs && b_runs && view.can_record && view.tries > 0 &&
        view.slot(SlotId::a).security_counter == view.slot(SlotId::b).security_counter &&
        view.slot(SlotId::a).digest != view.slot(SlotId::b).digest) {
        next.phase = Phase::trial;
        next.tries_left = static_cast<std::uint8_t>(view.tries - 1);
        next.active = other(best);
        next.active_digest = view.slot(other(best)).digest;
        next.candidate = view.slot(best).digest;
    } else {
        next.active = best;
        next.active_digest = view.slot(best).digest;
    }
    return run(best, Decision::recovered, Error::journal_lost, next);
}

}  // namespace

std::uint32_t effective_floor(const BootView& view) {
    std::uint32_t floor =
        view.state.security_floor > view.hardware_floor ? view.state.security_floor : view.hardware_floor;
    for (const SlotId s : {SlotId::a, SlotId::b}) {
        const SlotView& slot = view.slot(s);
        if (slot.verdict == Verdict::valid && view.state.confirmed(s) && slot.security_counter > floor) {
            floor = slot.security_counter;
        }
    }
    return floor;
}

Error slot_objection(const BootView& view, SlotId slot) {
    const SlotView& seen = view.slot(slot);
    if (seen.verdict != Verdict::valid) return seen.why;
    return seen.security_counter < effective_floor(view) ? Error::below_floor : Error::none;
}

Action decide(const BootView& view) {
    if (view.journal_lost) return recover(view);
    switch (view.state.phase) {
        case Phase::staged:
        case Phase::trial:
            return try_pending(view);
        case Phase::reverting:
            return switch_back(view, view.state.cause);
        case Phase::ready:
        case Phase::writing:
        case Phase::candidate:
        case Phase::updated:
        case Phase::failed:
            return start_active(view);
    }
    return start_active(view);
}

const char* decision_name(Decision d) {
    switch (d) {
        case Decision::active:
            return "active";
        case Decision::trial:
            return "trial";
        case Decision::switch_back:
            return "switch_back";
        case Decision::fallback:
            return "fallback";
        case Decision::recovered:
            return "recovered";
        case Decision::update_mode:
            return "update_mode";
    }
    return "unknown";
}

}  // namespace sb
