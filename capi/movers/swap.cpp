#include "capi/boot.hpp"

namespace sb::capi {
namespace {

constexpr SwapMover swap_mover;

BootReport boot_with_swap(Device& device, BootDevice& on, MutableBytes) {
    on.mover = &swap_mover;
    return boot_opened(device.journal(), device.opened(), on);
}

}  // namespace
}  // namespace sb::capi

extern "C" const switchback_mover switchback_mover_swap{sb::capi::boot_with_swap, false};
