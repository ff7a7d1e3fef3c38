// sim/powercut: the oracle watches from outside: which bytes run, and what was promised. It shares nothing with the
// boot engine but the images.
#pragma once

#include "sim/powercut/life.hpp"

namespace sb::sim {

/// Which image runs, told by its bytes.
enum class Runs : std::uint8_t { nothing, old_image, new_image, golden, neither };

class Oracle {
public:
    Oracle(const Cast& cast, const BoardSpec& spec, Story story, std::uint8_t tries)
        : cast_(&cast),
          story_(story),
          tries_(tries),
          has_way_back_(cast.reverse ||
                        (spec.scheme != Scheme::copy && spec.scheme != Scheme::single && !cast.no_way_back)),
          old_is_overwritten_(spec.scheme == Scheme::copy || has_one_slot(spec.scheme)),
          receives_over_old_(spec.scheme == Scheme::single),
          has_golden_(spec.golden_units != 0) {}

    void stage_begins() {
        stage_tried_ = true;
        received_ = received_ || receives_over_old_;
        if (wiped_) runs_of_new_ = 0;  // what ran before was a trial that no record knows of; this is a new one
    }
    void staged() {
        staged_ = true;
        wait_tried_ = wait_asked_ = leave_tried_ = false;
    }
    void wait_begins() { wait_tried_ = true; }
    void wait_asked() {
        wait_asked_ = true;
        leave_tried_ = false;
    }
    void leave_begins() { leave_tried_ = true; }
    void left() {
        wait_tried_ = wait_asked_ = leave_tried_ = false;
        ++times_left_;
    }
    void confirm_begins() { confirm_tried_ = true; }
    void confirmed() { confirmed_ = true; }
    void reset_begins() { reset_tried_ = true; }
    void reset_asked() { reset_asked_ = true; }
    void boot_was_cut();
    /// All records are gone: promises that only they could keep are void.
    void journal_wiped();
    /// A boot came to its end.
    Runs booted(Board& board, const BootReport& report, std::uint32_t security_floor);
    void object(const std::string& what) {
        if (objection_.empty()) objection_ = what;
    }

    /// Says more than what followed from it.
    void object_above_all(const std::string& what) { objection_ = what; }

    [[nodiscard]] const std::string& objection() const { return objection_; }
    [[nodiscard]] Story story() const { return story_; }
    [[nodiscard]] bool was_confirmed() const { return confirmed_; }
    /// The device was in update mode and is being brought back from it.
    [[nodiscard]] bool in_rescue() const { return rescue_; }
    /// Only update mode installs, over the image that ran.
    [[nodiscard]] bool receives_over_old() const { return receives_over_old_; }
    /// How often it was told to wait no longer, and answered.
    [[nodiscard]] int times_left() const { return times_left_; }
    /// The journal was lost when the new image already stood where the old one had: nothing is left that knows of a
    /// trial, or that could be gone back to.
    [[nodiscard]] bool is_all_there_is() const { return wiped_ && old_is_overwritten_; }
    /// All that its later judgement depends on.
    [[nodiscard]] Fingerprint digest() const;

private:
    [[nodiscard]] Runs look(Board& board, const BootReport& report) const;
    void in_update_mode();
    /// Whether the new image may be given up, and the old one is gone.
    [[nodiscard]] bool only_others_are_left() const;
    void judge(Runs runs);
    void trial_is_over();

    const Cast* cast_;
    Story story_;
    std::uint8_t tries_;
    bool has_way_back_;
    bool old_is_overwritten_;
    bool receives_over_old_;
    bool has_golden_;
    bool stage_tried_ = false;
    bool staged_ = false;
    bool confirm_tried_ = false;
    bool confirmed_ = false;
    bool rescue_ = false;
    bool wiped_ = false;
    bool reset_tried_ = false;
    bool reset_asked_ = false;
    bool wait_tried_ = false;   ///< update mode may have been asked for, and not be over
    bool wait_asked_ = false;   ///< it was answered that it is entered
    bool leave_tried_ = false;  ///< it may have been given up
    bool received_ = false;     ///< a download may have overwritten the image that ran
    std::uint8_t times_left_ = 0;
    std::uint8_t runs_of_new_ = 0;
    std::uint8_t cut_boots_ = 0;  ///< after staging was answered
    std::uint8_t trials_ = 0;     ///< boots that may have spent a try
    std::uint32_t floor_ = 0;
    std::string objection_;
};

}  // namespace sb::sim
