// core/plan: how images are brought to slot A, as pure functions: a plan is a list of steps, each of which makes one
// piece of flash a copy of another. The journal holds how many are done. The source of a step is first overwritten by
// the step after it, so a step can be done again until the next one begins.
//
// Exchange, without a scratch area. The new image n lies one unit up in B, o is the image that ran:
//
//     A  o0 o1 o2      step 0: B0 <- A0     A  o0 o1 o2     step 1: A0 <- B1     A  n0 o1 o2    …   A  n0 n1 n2
//     B  .  n0 n1 n2                        B  o0 n0 n1 n2                       B  o0 n0 n1 n2     B  o0 o1 o2 n2
//
// Where the units stand is a function of the number of steps done, so that even without a journal the images can be
// found again (arrangement.hpp). The way back is a plain copy of B to A: nobody needs the refused image any more.
#pragma once

#include "core/journal/state.hpp"

namespace sb {

/// The `bytes` at `to_offset` of `to` become what stands at `from_offset` of `from`, or are erased where `from` is not
/// valid(). Whole erase units of `to`.
struct Step {
    Region from;
    std::uint32_t from_offset = 0;
    Region to;
    std::uint32_t to_offset = 0;
    std::uint32_t bytes = 0;
};

/// How many steps bring images of up to `image_bytes` to where `plan` wants them. Requires: image_bytes is at most
/// map.image_room(SlotId::a).
[[nodiscard]] std::uint16_t steps_of(const FlashMap& map, Plan plan, std::uint32_t image_bytes);

/// Step `k` of `plan`. Requires: k < steps_of(map, plan, …) of some image that fits.
[[nodiscard]] Step step_of(const FlashMap& map, Plan plan, std::uint16_t k);

/// How an image of `image_bytes` in `slot` is moved up by `shift`, to make room for one that is written from the front
/// (plans rewrite and undo). From its end to its start, in pieces that are no longer than the shift, so that no step
/// overwrites what it or a later one reads. Requires: erase units of one size; for the steps, that it fits.
[[nodiscard]] bool shift_fits(const Region& slot, std::uint32_t shift, std::uint32_t image_bytes);
[[nodiscard]] std::uint16_t shift_steps(const Region& slot, std::uint32_t shift, std::uint32_t image_bytes);
[[nodiscard]] Step shift_step(const Region& slot, std::uint32_t shift, std::uint32_t image_bytes, std::uint16_t k);

/// Bytes that are moved in one step at `offset` of slot A: swap's unit, else whole erase units of A, as few as hold
/// 4 KB (of large slots more: there are at most 4096 steps).
[[nodiscard]] std::uint32_t piece_at(const FlashMap& map, std::uint32_t offset);

}  // namespace sb
