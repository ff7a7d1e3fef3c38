// core/plan: carries out one step: erases the target, copies, reads back. Doing it twice gives the same.
#pragma once

#include "core/plan/plan.hpp"

namespace sb {

/// Copies `step.bytes`; what lies beyond the end of the source is left blank, and so are granules of the source that
/// cannot be read (blank ones on parts whose blanks do not read; damaged ones, which the verification that follows
/// will find). Where a granule of the target takes several of the source, those that read are kept. `scratch` holds
/// what is on its way and is at least a granule of the target. Errors: those of the flash; readback; out_of_range when
/// `scratch` is too small.
[[nodiscard]] Result<void> carry_out(const Step& step, MutableBytes scratch);

}  // namespace sb
