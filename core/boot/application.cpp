#include "core/boot/application.hpp"

#include "core/image/image.hpp"

namespace sb {

namespace {

/// Writes nothing where that is proven already: an application may say the same at each of its starts.
Result<void> commit_once(Journal& journal, const State& next) {
    if (next == journal.state() && journal.sealed()) return {};
    return journal.commit(next);
}

}  // namespace

Result<void> request_factory_reset(Journal& journal, bool keep_data) {
    State next = journal.state();
    next.boot.request = keep_data ? Request::factory_image : Request::factory_reset;
    return commit_once(journal, next);
}

Result<void> request_update_mode(Journal& journal) {
    State next = journal.state();
    if (!is_rest(next.boot.phase)) return fail(Error::bad_state);
    next.boot.request = Request::update_mode;
    return commit_once(journal, next);
}

Result<void> leave_update_mode(Journal& journal) {
    State next = journal.state();
    if (next.boot.request == Request::update_mode) next.boot.request = Request::none;
    return commit_once(journal, next);
}

Result<void> register_data_format(Journal& journal, std::uint8_t format) {
    if (format > 127) return fail(Error::out_of_range);
    State next = journal.state();
    BootState& boot = next.boot;
    boot.data_newer = boot.phase == Phase::trial && (boot.data_newer || format > boot.data_format);
    boot.data_format = format;
    return commit_once(journal, next);
}

Result<void> confirm(Journal& journal, SlotId running, const VerifiedImage& image) {
    State next = journal.state();
    BootState& boot = next.boot;
    if (boot.phase == Phase::trial) {
        if (running == boot.active || shorten(image.digest) != boot.candidate) return fail(Error::not_running);
        boot.phase = Phase::updated;
        boot.active = running;
        boot.tries_left = 0;
        boot.data_newer = false;
        boot.confirmed_sequence = next.install.candidate_sequence();
    } else if (running != boot.active) {
        return fail(Error::not_running);
    }
    boot.active_digest = shorten(image.digest);
    boot.set_confirmed(running, true);
    if (boot.cause == Error::journal_lost || boot.phase == Phase::updated) boot.cause = Error::none;
    const std::uint32_t counter = image.info.security_counter.value_or(0);
    if (counter > boot.security_floor) boot.security_floor = counter;
    return commit_once(journal, next);
}

}  // namespace sb
