// sim/prove: what a device was told and has answered, and what may therefore run. The oracle of the exploration: it
// knows images and answers, no records, pages or plans, and shares no code with the boot engine. Unlike that of
// sim/powercut it follows no story: the application may do anything at any time.
#pragma once

#include <cstdint>
#include <string>

#include "core/flash/map.hpp"
#include "sim/flash/fingerprint.hpp"

namespace sb::prove {

using sim::Fingerprint;

/// The images of an exploration, by version; `nothing`: the bootloader waits for an update.
enum class Who : std::uint8_t { nothing, first, second, third, golden, stranger };
[[nodiscard]] const char* name_of(Who who);

/// What is promised of a scheme. A new scheme is one line of the table.
struct SchemePromise {
    Scheme scheme;
    const char* name;
    bool keeps_old;                  ///< the old image survives the trial of the new one, or is made again after it
    bool receives_over_old = false;  ///< what update mode receives whole goes over the image that ran
    bool by_patch = false;           ///< the application installs patches of what runs; it cannot install whole images
    std::uint8_t erases = 1;         ///< of a unit that holds no records, in one power-up, at most
    /// Whether the application installs at all.
    [[nodiscard]] bool application_installs() const { return !receives_over_old || by_patch; }
};
[[nodiscard]] const SchemePromise* find_promise(const std::string& name);
[[nodiscard]] const SchemePromise& promise_of(Scheme scheme);
/// "xip swap copy"
[[nodiscard]] std::string scheme_names();

/// What a boot shows: what runs, by its bytes, and the device's own account of itself.
struct Sight {
    Who runs = Who::nothing;
    SlotId slot = SlotId::a;
    bool on_trial = false;
    std::uint32_t security_floor = 0;
};

/// The device as its user sees it, and what was promised to him.
struct Promises {
    Who good = Who::first;         ///< confirmed last
    Who candidate = Who::nothing;  ///< asked to run, not confirmed
    Who runs = Who::nothing;
    SlotId slot = SlotId::a;      ///< from where
    bool began_on_trial = false;  ///< in this power-up: what leads back is locked
    bool off = true;              ///< the power went, or is about to be switched on
    bool tried = false;           ///< the candidate may have been staged
    bool staged = false;          ///< it was answered that it is
    bool confirm_tried = false;   ///< it may have been confirmed
    bool reset_tried = false;     ///< the factory image may have been asked for
    bool reset_asked = false;     ///< it was answered that it will run
    bool wait_tried = false;      ///< update mode may have been asked for, and not be over
    bool wait_asked = false;      ///< it was answered that it is entered
    bool leave_tried = false;     ///< it may have been given up
    bool asked = false;           ///< since the last boot: nothing is left to do but to reset
    bool gone = false;            ///< `good` stands nowhere any more, and nothing leads back to it
    bool unknown = false;         ///< the records were lost, and what only they could keep; the power stays
    std::uint8_t spent = 0;       ///< trial boots that the candidate had
    std::uint8_t cut_boots = 0;   ///< boots that were cut since: each may have spent a try; no more than there are
    std::uint8_t cuts = 0;        ///< in a row, without an answer in between
    std::uint32_t floor = 0;      ///< security floor, as the last boot told it

    bool operator==(const Promises&) const = default;
    [[nodiscard]] Fingerprint digest() const;

    /// What a boot that came to its end may not do; null: nothing wrong. Takes note of it.
    [[nodiscard]] const char* booted(const Sight& seen, const SchemePromise& scheme, bool has_golden,
                                     std::uint8_t tries);
    /// `whole`: the package is of the whole image, not a patch.
    void install_begins(Who image, bool whole, const SchemePromise& scheme);
    void install_ends();
    void confirm_ends();
    void wait_ends();
    void waiting_ends();
    void reset_ends();
    /// Something was written to its end and answered: what was cut before is behind.
    void proven() { cuts = 0; }
    /// Nothing runs any more.
    void power_off();
    void power_cut(bool in_boot, std::uint8_t tries);
    void journal_wiped(const SchemePromise& scheme);

private:
    [[nodiscard]] bool keeps_old(const SchemePromise& scheme) const { return scheme.keeps_old && !gone; }
    [[nodiscard]] const char* judge(const Sight& seen, const SchemePromise& scheme, bool has_golden,
                                    std::uint8_t tries);
    [[nodiscard]] const char* candidate_runs(bool on_trial, std::uint8_t tries);
    [[nodiscard]] const char* good_runs(const SchemePromise& scheme, std::uint8_t tries);
    [[nodiscard]] bool out_of_tries(std::uint8_t tries) const { return spent + cut_boots >= tries; }
    void settle(Who image);
    void forget_candidate();
};

}  // namespace sb::prove
