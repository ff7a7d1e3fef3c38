// core/boot: the steps of a plan, one after the other, each known to the journal before the next begins.
#pragma once

#include "core/journal/journal.hpp"

namespace sb {

/// Carries out the steps of `next.boot.plan` that are left and records what holds then (after_plan). A plan that has
/// not begun gets as many steps as images of `image_bytes` need. Errors: those of carry_out and of the journal;
/// bad_state when there is no factory image to take from, or for plans that are not made of copies. `next` is then what
/// was reached.
[[nodiscard]] Result<void> carry_out_all(Journal& journal, const FlashMap& map, MutableBytes scratch, State& next,
                                         std::uint32_t image_bytes);

}  // namespace sb
