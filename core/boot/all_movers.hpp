// core/boot: the mover of each scheme, for programs that hold them all. A device names its own.
#pragma once

#include "core/boot/mover.hpp"

namespace sb {

inline constexpr CopyMover copy_mover;
inline constexpr SwapMover swap_mover;

[[nodiscard]] constexpr const Mover& mover_for(Scheme scheme) {
    if (scheme == Scheme::swap) return swap_mover;
    return copy_mover;
}

}  // namespace sb
