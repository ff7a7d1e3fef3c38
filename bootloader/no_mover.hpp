// bootloader: for layouts whose images never move: they run where they were written to, and there is no factory image.
#pragma once

#include "core/boot/mover.hpp"

namespace sb::bootloader {

struct NoMover {};

/// As boot() wants it.
[[nodiscard]] constexpr const Mover* pointer_to(const NoMover& /*none*/) {
    return nullptr;
}
[[nodiscard]] constexpr const Mover* pointer_to(const Mover& mover) {
    return &mover;
}

[[nodiscard]] constexpr bool undoes(const NoMover& /*none*/) {
    return false;
}
[[nodiscard]] constexpr bool undoes(const auto& mover) {
    return mover.undoes();
}

}  // namespace sb::bootloader
