// sim/powercut: the life of an xip device, told once for every power cut that can happen in it. A user boots, installs,
// confirms (or never does); the supply is cut at an operation and leaves one of the outcomes of physics; the user
// simply goes on. An oracle that knows nothing of the boot engine watches what runs.
#pragma once

#include <functional>

#include "sim/powercut/board.hpp"

namespace sb::sim {

/// What the user wants.
enum class Story : std::uint8_t {
    update,  ///< install, try, confirm
    revert,  ///< install, never confirm: the old image comes back
};

struct Cast {
    std::vector<std::uint8_t> old_image{};  ///< signed
    std::vector<std::uint8_t> new_image{};  ///< signed
    std::vector<std::uint8_t> package{};    ///< from old to new, full or delta
};

struct LifeReport {
    std::uint64_t operations = 0;      ///< flash operations of the undisturbed life
    std::uint64_t operations_hit = 0;  ///< of these, how many had a cut
    std::uint64_t cuts = 0;
    std::uint64_t ended_new = 0;
    std::uint64_t ended_old = 0;
    std::uint64_t dead = 0;             ///< an oracle's objection, whatever it was
    int max_boots = 0;                  ///< boots after the cut until all is settled
    std::uint32_t max_unit_erases = 0;  ///< of one unit of the slot that was written
    std::string first_objection;        ///< as a story
};

struct LifeOptions {
    Story story = Story::update;
    bool wipe_journal = false;  ///< the cut also takes the whole journal
    std::uint64_t seeds = 2;    ///< for outcomes with randomness
};

/// Every operation × every outcome × every way in which weak cells read × `seeds`.
[[nodiscard]] LifeReport cut_everywhere(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast,
                                        Crypto& crypto, const LifeOptions& options);

/// `runs` lives with up to `depth` cuts in a row, at random.
[[nodiscard]] LifeReport cut_at_random(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast,
                                       Crypto& crypto, const LifeOptions& options, int depth, std::uint64_t runs,
                                       std::uint64_t seed);

}  // namespace sb::sim
