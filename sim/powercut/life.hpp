// sim/powercut: the life of a device, told once for every power cut that can happen in it. A user boots, installs,
// confirms (or never does); the supply is cut at an operation and leaves one of the outcomes of physics; the user
// simply goes on. An oracle that knows nothing of the boot engine watches what runs.
//
//   LifeReport report = check(Scheme::xip, geometries().front(), {.story = Story::revert});
//   report.dead                       // objections of the oracle; each is a brick or a broken promise
//   report.first_objection            // the first of them, as a story
#pragma once

#include "sim/powercut/board.hpp"

namespace sb::sim {

/// What the user wants.
enum class Story : std::uint8_t {
    update,  ///< install, try, confirm
    revert,  ///< install, never confirm: the old image comes back; where it is gone, the factory image or update mode
    factory_reset,  ///< ask for the factory image, confirm it
    update_mode,    ///< ask for update mode, leave it; once more: the old image runs
};
[[nodiscard]] const char* story_name(Story story);
[[nodiscard]] constexpr bool sends_a_package(Story story) {
    return story == Story::update || story == Story::revert;
}
[[nodiscard]] const char* scheme_name(Scheme scheme);

struct Cast {
    std::vector<std::uint8_t> old_image{};  ///< signed
    std::vector<std::uint8_t> new_image{};  ///< signed
    std::vector<std::uint8_t> package{};    ///< from old to new, full or delta
    std::vector<std::uint8_t> golden{};     ///< signed; the factory image of boards that have one
    bool reverse = false;                   ///< the package brings a patch that undoes it
    std::vector<std::uint8_t> rescue{};     ///< the whole old image as a package: the way out of update mode
    /// The builds for slot B of a board that cannot remap; empty: the same image runs in either slot.
    std::vector<std::uint8_t> old_image_b{};
    std::vector<std::uint8_t> new_image_b{};
    bool no_way_back = false;  ///< inplace: the package has none
};

struct LifeReport {
    std::uint64_t operations = 0;      ///< flash operations of the undisturbed life
    std::uint64_t operations_hit = 0;  ///< of these, how many had a cut
    std::uint64_t cuts = 0;
    std::uint64_t ended_new = 0;
    std::uint64_t ended_old = 0;
    std::uint64_t ended_golden = 0;
    std::uint64_t update_mode = 0;          ///< went through update mode, as the scheme says, and came back
    std::uint64_t dead = 0;                 ///< an oracle's objection, whatever it was
    std::uint64_t merged = 0;               ///< cuts whose life joined one that was already told to its end
    std::uint64_t distinct_states = 0;      ///< that lives were told on from
    std::uint64_t checked = 0;              ///< cuts told once more, nothing remembered and nothing merged
    int max_boots = 0;                      ///< boots after the last cut until all is settled
    std::uint32_t max_steps = 0;            ///< flash operations after the last cut until all is settled
    std::uint32_t max_unit_erases = 0;      ///< of one unit of slots and golden in one life
    std::uint32_t max_journal_erases = 0;   ///< of one unit of the journal
    std::vector<std::uint32_t> wear{};      ///< per erase unit, erases of the undisturbed life
    std::vector<std::uint32_t> max_wear{};  ///< per erase unit, of the life that cost it most
    std::string first_objection{};          ///< as a story
    double seconds = 0;
    double processor_seconds = 0;
    bool exhaustive = true;  ///< every operation was to be cut

    /// Takes in the figures of another report on the same board.
    void add(const LifeReport& other);
    /// Whether nothing is wrong: no objection, and every operation was cut that was to be.
    [[nodiscard]] bool sound() const { return dead == 0 && (!exhaustive || operations_hit == operations); }
};

struct LifeOptions {
    Story story = Story::update;
    bool golden = false;        ///< the board has a factory image; a factory reset brings its own
    bool wipe_journal = false;  ///< the last cut also takes the whole journal
    std::uint64_t seeds = 8;    ///< ways in which each outcome with randomness is drawn
    int depth = 1;              ///< 2: during the recovery from each cut there is another one, everywhere
    std::uint64_t every = 1;    ///< cut each n-th operation only; 1: all of them
    /// Only the `part`-th of `parts` stretches of the life is cut, each as long as the others.
    std::uint32_t part = 0;
    std::uint32_t parts = 1;
    SlotId start = SlotId::a;  ///< where the old image runs in the beginning; b: of schemes that move none
    std::uint64_t check_one_in = 100;
    /// What the package is, and how long the program in it; 0: as much as the slots suggest.
    PayloadFormat package = PayloadFormat::raw;
    std::uint32_t body_bytes = 0;
    bool reverse = false;  ///< schemes copy, single: a patch comes with it that undoes it
    /// In place of every cut: `random_lives` lives with up to 8 cuts each, from `seed` on.
    std::uint64_t random_lives = 0;
    std::uint64_t seed = 1;
    /// Told how far it is, in parts of a thousand.
    std::function<void(std::uint64_t)> on_progress{};
    /// In place of sb::boot, for tests that plant a bug.
    std::function<BootReport(Journal&, const BootDevice&)> bootloader{};
};

/// The whole check of one board, one story and one kind of package. Throws std::exception when images or packages
/// cannot be made, std::logic_error when a repeated life does not end as the remembered one did.
[[nodiscard]] LifeReport check(Scheme scheme, BoardSpec spec, const LifeOptions& options);
/// The same with images and package of the caller's. `crypto` is asked by 1 cut in `check_one_in` alone for all.
[[nodiscard]] LifeReport check(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, Crypto& crypto,
                               const LifeOptions& options);

}  // namespace sb::sim
