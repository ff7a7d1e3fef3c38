// sim/powercut: a life as a row of acts: boot, then what the user does. An act is as much as one program run: what it
// held in RAM is gone when the next one begins, so between acts a life is its flash and this state.
#pragma once

#include "sim/powercut/oracle.hpp"

namespace sb::sim {

enum class Act : std::uint8_t { boot, install, confirm, rescue, ask_for_reset, ask_to_wait, leave };
enum class Ending : std::uint8_t { goes_on, settled_new, settled_old, settled_golden, came_back, objected };

struct LifeState {
    Oracle oracle;
    Act next = Act::boot;
    Ending ending = Ending::goes_on;
    std::optional<SlotId> running{};
    int boots = 0;

    /// What will happen, as far as the flash does not decide it.
    [[nodiscard]] Fingerprint digest() const;
    /// The power went during `act`.
    void cut_in(Act act);
};

/// More boots than any life may take after its last cut.
inline constexpr int max_boots_of_a_life = 12;

/// Does `state.next` and finds what comes then. When the power goes meanwhile, that is a boot.
void do_next(Board& board, const Cast& cast, LifeState& state);

[[nodiscard]] const char* act_name(Act act);

}  // namespace sb::sim
