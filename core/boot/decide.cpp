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

// What a program may know when it is compiled.
Scheme kind(const BootView& view) {
    return made_for::scheme(view.scheme);
}

bool has_golden(const BootView& view) {
    return made_for::golden(view.has_golden);
}

bool undoes(const BootView& view) {
    return made_for::undoing(view.undoes);
}

bool low_battery(const BootView& view) {
    return made_for::low_battery(view.low_battery);
}

bool known(const BootView& view, SlotId slot) {
    return view.slot(slot).verdict != Verdict::unknown;
}

bool moves(const BootView& view) {
    return moves_images(kind(view));
}

/// The plan that brings the image in `slot` to A. Swap keeps the image that is given up only where the new one is on
/// trial; on the way back nobody needs it.
Plan plan_from(const BootView& view, SlotId slot) {
    if (slot == SlotId::golden) return view.state.request == Request::factory_reset ? Plan::reset : Plan::restore;
    const Phase phase = view.state.phase;
    const bool came_in = phase == Phase::candidate || phase == Phase::staged;
    return kind(view) == Scheme::swap && came_in ? Plan::exchange : Plan::copy;
}

/// Runs the image in `slot`, an earlier one, in place of the update that ends with `cause`. Where it cannot run from
/// there it is brought to A first, and after_plan() says what then holds.
Action run_instead(const BootView& view, SlotId slot, Decision decision, Error cause) {
    BootState next = view.state;
    next.phase = Phase::failed;
    next.cause = cause;
    next.tries_left = 0;
    next.active = slot;
    next.active_digest = view.slot(slot).digest;
    if (slot == SlotId::a || (slot == SlotId::b && !moves(view))) return run(slot, decision, cause, next);
    if (!view.can_record) return {.cause = Error::io};
    next.phase = Phase::reverting;
    next.plan = plan_from(view, slot);
    next.active = SlotId::a;
    return {.kind = Action::Kind::move, .record = next, .decision = decision, .cause = cause};
}

/// Nothing may run. `record`: what makes that last where something stands in A that was refused.
Action wait_for_update(Error cause, std::optional<BootState> record = std::nullopt) {
    return {.record = record, .cause = cause};
}

/// The very last resort is the factory image.
Action last_resort(const BootView& view, Error cause) {
    if (!has_golden(view)) return wait_for_update(Error::nothing_bootable);
    if (!known(view, SlotId::golden)) return verify(SlotId::golden);
    if (slot_objection(view, SlotId::golden) != Error::none) return wait_for_update(Error::nothing_bootable);
    return run_instead(view, SlotId::golden, Decision::fallback, cause);
}

/// The active image does not run, whatever else verifies does. It is left unconfirmed unless its slot was confirmed
/// before.
Action fall_back(const BootView& view, SlotId slot) {
    if (!known(view, slot)) return verify(slot);
    if (slot_objection(view, slot) != Error::none) return last_resort(view, Error::active_invalid);
    return run_instead(view, slot, Decision::fallback, Error::active_invalid);
}

/// The patch that came with the update undoes what overwrote A. If none did, the mover says so in the journal.
Action undo(const BootView& view, Error cause) {
    BootState next = view.state;
    next.phase = Phase::reverting;
    next.cause = cause;
    next.tries_left = 0;
    next.plan = Plan::undo;
    return {.kind = Action::Kind::move, .record = next, .decision = Decision::switch_back, .cause = cause};
}

/// Of an image that overwrote the one before it the way back is the factory image, else there is none. In A stands what
/// was refused, or half a download, so that nothing runs until an update comes.
Action give_up_a(const BootView& view, Error cause) {
    if (undoes(view) && view.state.phase == Phase::trial && view.can_record) return undo(view, cause);
    if (has_golden(view) && !known(view, SlotId::golden)) return verify(SlotId::golden);
    if (has_golden(view) && slot_objection(view, SlotId::golden) == Error::none)
        return run_instead(view, SlotId::golden, Decision::switch_back, cause);
    // Already told, or a download is under way that is to go on.
    const Phase phase = view.state.phase;
    if (phase != Phase::staged && phase != Phase::trial)
        return wait_for_update(cause == Error::none ? Error::nothing_bootable : cause);
    BootState next = view.state;
    next.phase = Phase::reverting;
    next.cause = cause;
    next.tries_left = 0;
    return wait_for_update(cause, next);
}

/// Ends an update with `cause`: the active (old) image runs again.
Action switch_back(const BootView& view, Error cause) {
    if (old_is_gone(kind(view), view.state)) return give_up_a(view, cause);
    const SlotId old = view.state.active;
    if (!known(view, old)) return verify(old);
    if (slot_objection(view, old) != Error::none) return fall_back(view, other(old));
    return run_instead(view, old, Decision::switch_back, cause);
}

Action start_active(const BootView& view) {
    if (old_is_gone(kind(view), view.state)) return give_up_a(view, view.state.cause);
    const SlotId slot = view.state.active;
    if (!known(view, slot)) return verify(slot);
    const bool may_be_golden = slot_objection(view, slot) == Error::below_floor && view.golden_below_floor;
    if (may_be_golden && has_golden(view) && !known(view, SlotId::golden)) return verify(SlotId::golden);
    if (slot_objection(view, slot) != Error::none) return fall_back(view, other(slot));
    return run(slot, Decision::active, view.state.cause, std::nullopt);
}

/// A patch was staged: it rewrites the image in A, which must still be what it starts from.
Action rewrite(const BootView& view) {
    if (!view.can_record) return start_active(view);
    BootState next = view.state;
    next.plan = Plan::rewrite;
    return {.kind = Action::Kind::move, .record = next, .decision = Decision::trial};
}

/// Where the image stands that waits for its trial or is on trial.
SlotId pending_slot(const BootView& view) {
    if (!moves(view)) return other(view.state.active);
    return view.state.phase == Phase::staged ? SlotId::b : SlotId::a;
}

/// The pending image goes to A. How large the other one is matters too: none of its units may be left behind.
Action bring_pending(const BootView& view) {
    if (kind(view) == Scheme::swap && !known(view, SlotId::a)) return verify(SlotId::a);
    BootState next = view.state;
    next.plan = plan_from(view, SlotId::b);
    return {.kind = Action::Kind::move, .record = next, .decision = Decision::trial};
}

/// Starts the pending image once more, with one try fewer: a try is spent before the jump, so that an image that
/// takes the power down with it cannot spend it for ever.
Action try_pending(const BootView& view) {
    if (view.state.tries_left == 0) return switch_back(view, Error::tries_exhausted);
    const SlotId pending = pending_slot(view);
    if (!known(view, pending)) return verify(pending);
    if (slot_objection(view, pending) != Error::none) return switch_back(view, Error::slot_invalid);
    if (view.slot(pending).digest != view.state.candidate) return switch_back(view, Error::slot_invalid);
    if (!view.can_record) return switch_back(view, Error::io);
    if (moves(view) && view.state.phase == Phase::staged) return bring_pending(view);
    BootState next = view.state;
    next.phase = Phase::trial;
    next.tries_left = static_cast<std::uint8_t>(view.state.tries_left - 1);
    return run(pending, Decision::trial, Error::none, next);
}

/// What was asked for waits for a better supply; the image that ran before runs on.
Action paused(Action action) {
    if (action.kind == Action::Kind::run && !action.record) action.cause = Error::low_battery;
    return action;
}

/// Whether what was staged is a patch for the image in A.
bool is_patch(const BootView& view) {
    return kind(view) == Scheme::inplace && !old_is_gone(kind(view), view.state);
}

bool changes_a(const BootView& view) {
    return moves(view) || is_patch(view);
}

Action decide_by_phase(const BootView& view) {
    switch (view.state.phase) {
        case Phase::staged:
            if (low_battery(view) && changes_a(view)) return paused(start_active(view));
            return is_patch(view) ? rewrite(view) : try_pending(view);
        case Phase::trial:
            return try_pending(view);
        case Phase::reverting:
            return switch_back(view, view.state.cause);
        case Phase::ready:
        case Phase::writing:
        case Phase::candidate:
        case Phase::updated:
        case Phase::failed:
            break;
    }
    return start_active(view);
}

/// The newer of two images: higher security counter, then higher sequence, then slot A.
SlotId newer_slot(const BootView& view) {
    const SlotView& a = view.slot(SlotId::a);
    const SlotView& b = view.slot(SlotId::b);
    if (a.security_counter != b.security_counter)
        return a.security_counter > b.security_counter ? SlotId::a : SlotId::b;
    return a.sequence >= b.sequence ? SlotId::a : SlotId::b;
}

/// The state of a device whose records are lost, nothing being known but what is in the slots.
BootState state_without_records(const BootView& view) {
    BootState next;
    next.layout_crc = view.layout_crc;
    next.cause = Error::journal_lost;
    next.security_floor = view.hardware_floor;
    return next;
}

/// Both images run; `best` is newer. It is a trial with a way back, since nobody knows any more whether it ever ran
/// well. To an image with a lower counter there is no way back: the lost floor may have been above it.
bool recovers_on_trial(const BootView& view) {
    return view.can_record && view.tries > 0 &&
           view.slot(SlotId::a).security_counter == view.slot(SlotId::b).security_counter &&
           view.slot(SlotId::a).digest != view.slot(SlotId::b).digest;
}

/// Whether `slot` holds the image that A does.
bool same_as_a(const BootView& view, SlotId slot) {
    return slot_objection(view, slot) == Error::none && same_image(view.slot(slot), view.slot(SlotId::a));
}

/// A verifies and so does what it may have been copied from. That does not prove A: a cut in the last step leaves cells
/// that read as they like. It is copied once more.
Action copy_again(const BootView& view, SlotId source) {
    BootState next = state_without_records(view);
    next.active_digest = view.slot(SlotId::a).digest;
    if (!view.can_record) return run(SlotId::a, Decision::recovered, Error::journal_lost, next);
    next.phase = Phase::reverting;
    next.plan = source == SlotId::golden ? Plan::restore : Plan::copy;
    return {.kind = Action::Kind::move, .record = next, .decision = Decision::recovered, .cause = Error::journal_lost};
}

/// The image in A runs, or the one in B is brought there, on trial: it is the newer one of two, or nothing stands in A
/// (a copy that was cut). An exchange has its own way to recover (SwapMover) and gets here with nothing.
Action recover_copy(const BootView& view, SlotId best, bool both_run) {
    BootState next = state_without_records(view);
    next.active_digest = view.slot(SlotId::a).digest;
    if (both_run && same_as_a(view, SlotId::b)) return copy_again(view, SlotId::b);
    if (best == SlotId::a) return run(best, Decision::recovered, Error::journal_lost, next);
    if (!view.can_record || view.tries == 0)
        return both_run ? run(SlotId::a, Decision::recovered, Error::journal_lost, next) : wait_for_update(Error::io);
    next.phase = Phase::staged;
    next.tries_left = view.tries;
    next.candidate = view.slot(SlotId::b).digest;
    next.plan = Plan::copy;
    return {.kind = Action::Kind::move, .record = next, .decision = Decision::recovered, .cause = Error::journal_lost};
}

Action recover_xip(const BootView& view, SlotId best, bool both_run) {
    BootState next = state_without_records(view);
    if (both_run && recovers_on_trial(view)) {
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

/// Without any record the content decides: the newest image that verifies runs, unconfirmed.
Action recover(const BootView& view) {
    if (!known(view, SlotId::a)) return verify(SlotId::a);
    if (!known(view, SlotId::b)) return verify(SlotId::b);
    const bool a_runs = slot_objection(view, SlotId::a) == Error::none;
    const bool b_runs = slot_objection(view, SlotId::b) == Error::none;
    if (!a_runs && !b_runs) {
        BootView lost = view;
        lost.state = state_without_records(view);
        return last_resort(lost, Error::journal_lost);
    }
    const SlotId best = a_runs && b_runs ? newer_slot(view) : (a_runs ? SlotId::a : SlotId::b);
    if (best == SlotId::a && has_golden(view)) {
        if (!known(view, SlotId::golden)) return verify(SlotId::golden);
        if (same_as_a(view, SlotId::golden)) return copy_again(view, SlotId::golden);
    }
    return moves(view) ? recover_copy(view, best, a_runs && b_runs) : recover_xip(view, best, a_runs && b_runs);
}

bool asks_for_golden(const BootState& state) {
    return state.request == Request::factory_reset || state.request == Request::factory_image;
}

/// The factory image, or why not: then what would have run anyway, and the request is answered.
Action reset_to_factory(const BootView& view) {
    if (has_golden(view) && !known(view, SlotId::golden)) return verify(SlotId::golden);
    const Error why = has_golden(view) ? slot_objection(view, SlotId::golden) : Error::nothing_bootable;
    if (why == Error::none && view.can_record)
        return run_instead(view, SlotId::golden, Decision::factory_reset, Error::none);
    BootView without = view;
    without.state.request = Request::none;
    without.state.cause = why == Error::none ? Error::io : why;
    Action action = decide(without);
    if (action.kind != Action::Kind::verify && !action.record) action.record = without.state;
    return action;
}

/// A plan that was begun ends before anything else is asked.
Action go_on(const BootView& view) {
    const BootState& state = view.state;
    if (!view.can_record) return wait_for_update(Error::io);
    const bool forward = state.phase == Phase::staged;
    const bool reset = asks_for_golden(state) && (state.plan == Plan::restore || state.plan == Plan::reset);
    return {.kind = Action::Kind::move,
            .record = state,
            .decision = forward ? Decision::trial : (reset ? Decision::factory_reset : Decision::switch_back),
            .cause = state.cause};
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
    // The waiver is for the factory image, also where it was copied to.
    const SlotView& golden = view.slot(SlotId::golden);
    const bool is_golden = slot == SlotId::golden ||
                           (slot == SlotId::a && golden.verdict == Verdict::valid && golden.digest == seen.digest);
    if (is_golden && view.golden_below_floor) return Error::none;
    return seen.security_counter < effective_floor(view) ? Error::below_floor : Error::none;
}

Action decide(const BootView& view) {
    if (view.journal_lost) return recover(view);
    if (view.state.plan != Plan::none) return go_on(view);
    if (view.state.request == Request::update_mode && is_rest(view.state.phase)) return wait_for_update(Error::none);
    if (!asks_for_golden(view.state)) return decide_by_phase(view);
    return low_battery(view) ? paused(decide_by_phase(view)) : reset_to_factory(view);
}

BootState after_plan(BootState state) {
    const Plan done = state.plan;
    const bool old_confirmed = state.confirmed_a;
    state.plan = Plan::none;
    state.step = state.step_count = 0;
    if (state.phase == Phase::staged) {
        state.phase = Phase::trial;
        state.active = SlotId::b;
        state.confirmed_a = false;
        state.confirmed_b = (done == Plan::exchange || done == Plan::rewrite) && old_confirmed;
        return state;
    }
    const bool golden = done == Plan::restore || done == Plan::reset;
    state.confirmed_a = golden || ((done == Plan::copy || done == Plan::undo) && state.confirmed_b);
    if (done == Plan::exchange) state.confirmed_b = old_confirmed;
    state.active = SlotId::a;
    state.phase = Phase::failed;
    if (golden && state.request != Request::none) {
        if (done == Plan::reset) {
            state.data_format = 0;
            state.data_newer = false;
        }
        state.request = Request::none;
        state.phase = Phase::ready;
        state.cause = Error::none;
        state.confirmed_sequence = 0;
    }
    return state;
}

const char* decision_name(Decision d) {
    static constexpr std::array names = {"active",    "trial",       "switch_back",  "fallback",
                                         "recovered", "update_mode", "factory_reset"};
    return static_cast<std::size_t>(d) < names.size() ? names[static_cast<std::size_t>(d)] : "unknown";
}

}  // namespace sb
