#include "sim/prove/promises.hpp"

#include <algorithm>
#include <array>

namespace sb::prove {

namespace {

constexpr std::array promises = {
    SchemePromise{.scheme = Scheme::xip, .name = "xip", .keeps_old = true},
    SchemePromise{.scheme = Scheme::swap, .name = "swap", .keeps_old = true},
    SchemePromise{.scheme = Scheme::copy, .name = "copy", .keeps_old = false},
    SchemePromise{.scheme = Scheme::ram_load, .name = "ram-load", .keeps_old = true},
    SchemePromise{.scheme = Scheme::single, .name = "single", .keeps_old = false, .receives_over_old = true},
    SchemePromise{.scheme = Scheme::inplace,
                  .name = "inplace",
                  .keeps_old = true,
                  .receives_over_old = true,
                  .by_patch = true,
                  .erases = 2},
};

}  // namespace

const char* name_of(Who who) {
    static constexpr std::array names = {"nothing", "1.0", "1.1", "1.2", "the factory image", "something else"};
    return names[static_cast<std::size_t>(who)];
}

const SchemePromise* find_promise(const std::string& name) {
    const auto found = std::ranges::find(promises, name, &SchemePromise::name);
    return found == promises.end() ? nullptr : &*found;
}

const SchemePromise& promise_of(Scheme scheme) {
    return *std::ranges::find(promises, scheme, &SchemePromise::scheme);
}

std::string scheme_names() {
    std::string names;
    for (const SchemePromise& promise : promises) names += (names.empty() ? "" : " ") + std::string(promise.name);
    return names;
}

Fingerprint Promises::digest() const {
    const std::uint64_t flags = (off ? 1U : 0U) | (tried ? 2U : 0U) | (staged ? 4U : 0U) | (confirm_tried ? 8U : 0U) |
                                (reset_tried ? 16U : 0U) | (reset_asked ? 32U : 0U) | (asked ? 64U : 0U) |
                                (gone ? 128U : 0U) | (unknown ? 256U : 0U) | (wait_tried ? 512U : 0U) |
                                (wait_asked ? 1024U : 0U) | (leave_tried ? 2048U : 0U) | (began_on_trial ? 4096U : 0U);
    const std::uint64_t images = static_cast<std::uint64_t>(good) | static_cast<std::uint64_t>(candidate) << 4 |
                                 static_cast<std::uint64_t>(runs) << 8 | static_cast<std::uint64_t>(slot) << 12;
    const std::uint64_t counters = spent | std::uint64_t{cut_boots} << 8 | std::uint64_t{cuts} << 16;
    return sim::fingerprint(flags | images << 16 | counters << 40, sim::fingerprint(floor, {}));
}

void Promises::forget_candidate() {
    candidate = Who::nothing;
    tried = staged = confirm_tried = false;
    spent = cut_boots = 0;
}

/// `image` is what counts from now on.
void Promises::settle(Who image) {
    good = image;
    gone = reset_tried = reset_asked = wait_tried = wait_asked = leave_tried = false;
    forget_candidate();
}

const char* Promises::booted(const Sight& seen, const SchemePromise& scheme, bool has_golden, std::uint8_t tries) {
    const char* const objection = judge(seen, scheme, has_golden, tries);
    if (objection != nullptr) return objection;
    if (seen.security_floor < floor) return "the security floor fell";
    floor = seen.security_floor;
    runs = seen.runs;
    slot = seen.slot;
    began_on_trial = seen.on_trial && runs != Who::nothing;
    off = asked = false;
    return nullptr;
}

const char* Promises::judge(const Sight& seen, const SchemePromise& scheme, bool has_golden, std::uint8_t tries) {
    const Who now = seen.runs;
    const bool last_way_out = !keeps_old(scheme) && tried && out_of_tries(tries);
    if (now == Who::stranger) return "runs what nobody made";
    if (now == Who::nothing) {
        if (wait_tried && !staged) {
            wait_asked = !leave_tried;  // as can be seen
            return nullptr;
        }
        if (gone && scheme.receives_over_old && !staged) return nullptr;
        if (keeps_old(scheme) || has_golden) return "nothing boots";
        if (unknown && tried) return nullptr;
        const bool waits = gone && !staged;
        if (!last_way_out && !waits) return "nothing boots";
        if (staged) forget_candidate();
        gone = true;
        return nullptr;
    }
    if (wait_asked && !tried) return "update mode was asked for and is not entered";
    if (reset_asked && now != Who::golden) return "the factory image was asked for and does not run";
    if (unknown) {
        reset_asked = false;
        return nullptr;
    }
    const bool given_up = gone && !staged && has_golden;
    if (now == Who::golden && (given_up || reset_tried || (now != good && last_way_out && has_golden))) {
        settle(Who::golden);
        return nullptr;
    }
    if (now == candidate) return candidate_runs(seen.on_trial, tries);
    if (now == good) return good_runs(scheme, tries);
    return now == Who::golden ? "runs the factory image unasked" : "runs an image that nobody asked for";
}

const char* Promises::candidate_runs(bool on_trial, std::uint8_t tries) {
    if (!tried) return "runs the new image before it was staged";
    if (!on_trial && !confirm_tried) return "the new image counts as confirmed and is not";
    if (!on_trial) {
        settle(candidate);
        return nullptr;
    }
    confirm_tried = false;
    staged = true;  // as can be seen
    reset_tried = wait_tried = wait_asked = leave_tried = false;
    if (spent >= tries) return "more trial boots than tries";
    ++spent;
    return nullptr;
}

const char* Promises::good_runs(const SchemePromise& scheme, std::uint8_t tries) {
    if (gone && !scheme.receives_over_old) return "runs an image that was given up";
    gone = false;  // nothing of it was overwritten yet
    if (!staged) return nullptr;
    reset_tried = false;
    if (!out_of_tries(tries)) return spent == 0 ? "what was staged is not tried" : "the trial ends before its tries do";
    forget_candidate();
    return nullptr;
}

void Promises::install_begins(Who image, bool whole, const SchemePromise& scheme) {
    if (runs == Who::nothing && whole && scheme.receives_over_old) gone = true;
    const bool told_once_more = image == candidate && tried;
    tried = true;
    if (unknown || told_once_more) return;
    candidate = image;
    staged = confirm_tried = false;
    spent = cut_boots = 0;
}

void Promises::install_ends() {
    if (unknown || runs == candidate) {  // on trial already
        asked = unknown;
        return;
    }
    if (runs != Who::nothing) good = runs;
    staged = asked = true;
    wait_tried = wait_asked = leave_tried = false;
}

void Promises::confirm_ends() {
    if (!unknown) return settle(runs);
    gone = false;
}

void Promises::wait_ends() {
    wait_asked = asked = true;
    leave_tried = false;
}

void Promises::waiting_ends() {
    wait_tried = leave_tried = false;
    asked = true;
}

void Promises::reset_ends() {
    if (!unknown) forget_candidate();
    reset_tried = !unknown;
    wait_tried = wait_asked = leave_tried = false;
    reset_asked = asked = true;
}

void Promises::power_off() {
    off = true;
    began_on_trial = asked = false;
    runs = Who::nothing;
    slot = SlotId::a;
}

void Promises::power_cut(bool in_boot, std::uint8_t tries) {
    ++cuts;
    if (in_boot && tried && cut_boots < tries) ++cut_boots;
    power_off();
}

/// From here on the power stays: how a device without records fares is told to its end, but not mixed with all else.
void Promises::journal_wiped(const SchemePromise& scheme) {
    const bool anything_tried = tried;
    const bool was_given_up = gone && scheme.by_patch;  // what is made by a patch is found again, but not this
    *this = {.good = Who::nothing, .tried = anything_tried, .gone = was_given_up, .unknown = true};
}

}  // namespace sb::prove
