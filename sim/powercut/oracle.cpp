#include "sim/powercut/oracle.hpp"

namespace sb::sim {

void Oracle::journal_wiped() {
    wiped_ = true;
    stage_tried_ = true;
    staged_ = confirmed_ = confirm_tried_ = reset_asked_ = wait_tried_ = wait_asked_ = leave_tried_ = false;
    runs_of_new_ = 0;
    floor_ = 0;
}

Runs Oracle::look(Board& board, const BootReport& report) const {
    if (!report.slot) return Runs::nothing;
    const bool bound_to_b = *report.slot == SlotId::b && !cast_->new_image_b.empty();
    if (board.holds(*report.slot, bound_to_b ? cast_->new_image_b : cast_->new_image)) return Runs::new_image;
    if (board.holds(*report.slot, bound_to_b ? cast_->old_image_b : cast_->old_image)) return Runs::old_image;
    if (has_golden_ && board.holds(*report.slot, cast_->golden)) return Runs::golden;
    return Runs::neither;
}

Runs Oracle::booted(Board& board, const BootReport& report, std::uint32_t security_floor) {
    const Runs runs = look(board, report);
    judge(runs);
    if (security_floor < floor_) object("the security floor fell");
    floor_ = security_floor;
    return runs;
}

void Oracle::boot_was_cut() {
    cut_boots_ = static_cast<std::uint8_t>(cut_boots_ + (staged_ ? 1 : 0));
    trials_ = static_cast<std::uint8_t>(trials_ + (stage_tried_ ? 1 : 0));
}

/// A trial boot that is cut has spent its try.
bool Oracle::only_others_are_left() const {
    const bool tries_spent = trials_ >= tries_;
    if (wiped_ && received_) return true;
    return !has_way_back_ && stage_tried_ && !confirmed_ && (story_ == Story::revert || tries_spent);
}

/// Asked for; else only a scheme whose new image overwrites the old one may end here, and only where nothing else is
/// left to run.
void Oracle::in_update_mode() {
    if (wait_tried_ && !staged_) return;
    if (has_golden_ || !only_others_are_left()) return object("nothing boots");
    // Staging may have been cut before it was answered, and done all the same.
    const std::uint8_t tries_spent = staged_ ? cut_boots_ : trials_;
    if (!wiped_ && !rescue_ && runs_of_new_ == 0 && tries_spent < tries_) return object("what was staged is not tried");
    rescue_ = story_ == Story::revert || !receives_over_old_ || !wiped_;
}

void Oracle::judge(Runs runs) {
    if (runs == Runs::nothing) return in_update_mode();
    if (runs == Runs::neither) return object("runs neither old nor new");
    if (runs == Runs::golden) {
        if (!only_others_are_left() && !reset_tried_) object("runs the factory image unasked");
        return;
    }
    if (story_ == Story::factory_reset) {
        if (runs == Runs::new_image) object("runs an image that was never installed");
        if (reset_asked_) object("the factory image was asked for and does not run");
        return;
    }
    const bool runs_new = runs == Runs::new_image;
    // It was staged, though that may never have been answered, and its tries are spent.
    const bool undone = !runs_new && receives_over_old_ && has_way_back_ && stage_tried_ && trials_ >= tries_;
    if (!runs_new && wait_asked_ && !leave_tried_ && !undone) object("update mode was asked for and is not entered");
    if (runs_new) wait_tried_ = wait_asked_ = leave_tried_ = false;  // it was staged, as can be seen
    if (rescue_) return;                                             // what is installed next was asked for
    trials_ = static_cast<std::uint8_t>(trials_ + (runs_new && !confirmed_ ? 1 : 0));
    if (runs_new && !stage_tried_) object("runs the new image before it was staged");
    if (!runs_new && confirmed_) object("a confirmed image was reverted");
    if (runs_new && !confirm_tried_ && ++runs_of_new_ > tries_ && !is_all_there_is())
        object("more trial boots than tries");
    const bool tries_left_for_new = cut_boots_ < tries_;
    if (!runs_new && staged_ && runs_of_new_ == 0 && tries_left_for_new) object("what was staged is not tried");
    if (undone) trial_is_over();
}

/// The user begins the update anew, by asking for update mode.
void Oracle::trial_is_over() {
    stage_tried_ = wiped_;
    staged_ = confirm_tried_ = wait_tried_ = wait_asked_ = leave_tried_ = false;
    runs_of_new_ = cut_boots_ = trials_ = 0;
}

Fingerprint Oracle::digest() const {
    const std::uint64_t flags = (stage_tried_ ? 1U : 0U) | (staged_ ? 2U : 0U) | (confirm_tried_ ? 4U : 0U) |
                                (confirmed_ ? 8U : 0U) | (rescue_ ? 16U : 0U) | (wiped_ ? 32U : 0U) |
                                (reset_tried_ ? 64U : 0U) | (reset_asked_ ? 128U : 0U) | (wait_tried_ ? 256U : 0U) |
                                (wait_asked_ ? 512U : 0U) | (leave_tried_ ? 1024U : 0U) | (received_ ? 2048U : 0U);
    const std::uint64_t counters = runs_of_new_ | std::uint64_t{cut_boots_} << 8 | std::uint64_t{trials_} << 16 |
                                   std::uint64_t{times_left_} << 24 | std::uint64_t{floor_} << 32;
    return fingerprint(counters, fingerprint(flags, {}));
}

}  // namespace sb::sim
