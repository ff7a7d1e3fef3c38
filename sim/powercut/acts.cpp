#include "sim/powercut/acts.hpp"

#include "core/base/error_name.hpp"

namespace sb::sim {

namespace {

constexpr int times_to_leave = 2;  // update mode

/// What brings a device back from update mode, or what it was asked to wait for.
Act act_in_update_mode(const Oracle& oracle) {
    if (oracle.story() == Story::update_mode) return oracle.in_rescue() ? Act::rescue : Act::leave;
    return oracle.receives_over_old() && !oracle.in_rescue() ? Act::install : Act::rescue;
}

/// How the user goes about an update.
Act begin_update(const Oracle& oracle) {
    return oracle.receives_over_old() ? Act::ask_to_wait : Act::install;
}

/// What a user who sees `runs` does; `boot` is the device's own account of itself.
void react(LifeState& state, Runs runs, const BootState& boot) {
    const Oracle& oracle = state.oracle;
    state.next = Act::boot;
    if (runs == Runs::nothing) {
        state.next = act_in_update_mode(oracle);
        return;
    }
    if (runs == Runs::golden) {
        if (oracle.story() != Story::factory_reset || oracle.was_confirmed()) state.ending = Ending::settled_golden;
        if (state.ending == Ending::goes_on) state.next = Act::confirm;
        return;
    }
    if (oracle.story() == Story::factory_reset) {
        state.next = Act::ask_for_reset;
        return;
    }
    if (oracle.story() == Story::update_mode) {
        if (oracle.times_left() < times_to_leave)
            state.next = Act::ask_to_wait;
        else
            state.ending = Ending::settled_old;
        return;
    }
    const bool at_rest = boot.phase != Phase::trial && boot.phase != Phase::staged;
    if (oracle.story() == Story::revert && runs == Runs::new_image && oracle.is_all_there_is() && at_rest) {
        state.ending = Ending::settled_new;
        return;
    }
    // Without records a device takes the new image that stands there for its own, and nothing older any more.
    const bool stays = oracle.is_all_there_is() && runs == Runs::new_image;
    const bool wanted = oracle.in_rescue() && !stays ? runs == Runs::old_image : runs == Runs::new_image;
    if (oracle.in_rescue() || oracle.story() == Story::update) {
        if (!wanted) {
            state.next = oracle.in_rescue() ? Act::rescue : begin_update(oracle);
        } else if (oracle.was_confirmed()) {
            state.ending = oracle.in_rescue() && !stays ? Ending::came_back : Ending::settled_new;
        } else {
            state.next = Act::confirm;
        }
        return;
    }
    if (wanted) return;  // never confirmed: the user only switches it off and on
    const bool back = boot.phase == Phase::failed && boot.cause == Error::tries_exhausted;
    if (back) state.ending = Ending::settled_old;
    if (!back) state.next = begin_update(oracle);
}

void boot_once(Board& board, LifeState& state) {
    ++state.boots;
    const BootReport report = board.reset();
    if (!board.flash().powered()) return state.cut_in(Act::boot);
    const BootState seen = board.state().boot;
    const Runs runs = state.oracle.booted(board, report, seen.security_floor);
    state.running = board.running();
    react(state, runs, seen);
}

void install(Board& board, LifeState& state, Bytes package) {
    state.oracle.stage_begins();
    const Result<void> installed = board.install(package);
    if (!board.flash().powered()) return state.cut_in(Act::install);
    if (installed) state.oracle.staged();
    if (!installed) state.oracle.object(std::string("install: ") + error_name(installed.error()));
    state.next = Act::boot;
}

void confirm(Board& board, LifeState& state) {
    state.oracle.confirm_begins();
    const Result<void> done = board.confirm();
    if (!board.flash().powered()) return state.cut_in(Act::confirm);
    if (done) state.oracle.confirmed();
    if (!done) state.oracle.object(std::string("confirm: ") + error_name(done.error()));
    state.next = Act::boot;
}

void ask_for_reset(Board& board, LifeState& state) {
    state.oracle.reset_begins();
    const Result<void> done = board.ask_for_factory_reset();
    if (!board.flash().powered()) return state.cut_in(Act::ask_for_reset);
    if (done) state.oracle.reset_asked();
    if (!done) state.oracle.object(std::string("factory reset: ") + error_name(done.error()));
    state.next = Act::boot;
}

void ask_to_wait(Board& board, LifeState& state) {
    state.oracle.wait_begins();
    const Result<void> done = board.ask_for_update_mode();
    if (!board.flash().powered()) return state.cut_in(Act::ask_to_wait);
    if (done) state.oracle.wait_asked();
    if (!done) state.oracle.object(std::string("update mode: ") + error_name(done.error()));
    state.next = Act::boot;
}

void leave(Board& board, LifeState& state) {
    state.oracle.leave_begins();
    const Result<void> done = board.leave_update_mode();
    if (!board.flash().powered()) return state.cut_in(Act::leave);
    if (done) state.oracle.left();
    if (!done) state.oracle.object(std::string("to leave update mode: ") + error_name(done.error()));
    state.next = Act::boot;
}

}  // namespace

Fingerprint LifeState::digest() const {
    const std::uint64_t where = running ? index_of(*running) + 1 : 0;
    return fingerprint(static_cast<std::uint64_t>(next) | where << 8, oracle.digest());
}

void LifeState::cut_in(Act act) {
    if (act == Act::boot) oracle.boot_was_cut();
    running.reset();
    next = Act::boot;
}

void do_next(Board& board, const Cast& cast, LifeState& state) {
    const std::uint64_t rule_breaks = board.flash().rule_breaks();
    board.set_running(state.running);
    switch (state.next) {
        case Act::boot:
            boot_once(board, state);
            break;
        case Act::install:
            install(board, state, cast.package);
            break;
        case Act::rescue:
            install(board, state, cast.rescue);
            break;
        case Act::confirm:
            confirm(board, state);
            break;
        case Act::ask_for_reset:
            ask_for_reset(board, state);
            break;
        case Act::ask_to_wait:
            ask_to_wait(board, state);
            break;
        case Act::leave:
            leave(board, state);
            break;
    }
    if (board.flash().rule_breaks() != rule_breaks)
        state.oracle.object_above_all("rule of the part broken: " + board.flash().last_rule_break());
    if (!state.oracle.objection().empty()) state.ending = Ending::objected;
}

const char* act_name(Act act) {
    switch (act) {
        case Act::boot:
            return "boot";
        case Act::install:
            return "install";
        case Act::confirm:
            return "confirm";
        case Act::rescue:
            return "install from update mode";
        case Act::ask_for_reset:
            return "ask for the factory image";
        case Act::ask_to_wait:
            return "ask for update mode";
        case Act::leave:
            return "leave update mode";
    }
    return "?";
}

}  // namespace sb::sim
