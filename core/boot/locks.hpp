// core/boot: what no program may write while an image runs. The port locks it before it jumps, where the part can; the
// simulator enforces it. Never locked: the journal, where an application confirms and asks, its own data, and the place
// that it receives the next package in.
//
// On trial the image that came in has still to prove itself: all that leads back from it is locked, too. It may confirm
// itself at any time, but takes a package only after the next reset.
#pragma once

#include "core/journal/state.hpp"

namespace sb {

/// Besides the bootloader's own region.
struct Locks {
    SlotId runs = SlotId::a;
    bool on_trial = false;

    [[nodiscard]] constexpr bool locks(SlotId slot) const { return on_trial || slot == runs || slot == SlotId::golden; }
    /// With scheme single only the bootloader keeps anything there.
    [[nodiscard]] constexpr bool locks_patch(Scheme scheme) const { return on_trial || scheme == Scheme::single; }

    /// Calls `lock` with each region of `map` that is locked; those that the layout has not have no bytes.
    template <class Lock>
    constexpr void each(const FlashMap& map, Lock lock) const {
        for (const SlotId slot : {SlotId::a, SlotId::b})
            if (locks(slot)) lock(map.slots[index_of(slot)].region);
        lock(map.golden);
        if (locks_patch(map.scheme)) lock(map.patch);
    }
};

/// Of a device on which the image in `runs` starts, the journal being in `phase`.
[[nodiscard]] constexpr Locks locks_of(SlotId runs, Phase phase) {
    return {runs, phase == Phase::trial};
}

}  // namespace sb
