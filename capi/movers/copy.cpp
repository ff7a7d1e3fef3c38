#include "capi/boot.hpp"

namespace sb::capi {
namespace {

constexpr CopyMover copy_mover;

BootReport boot_with_copy(Device& device, BootDevice& on, MutableBytes) {
    on.mover = &copy_mover;
    return boot_opened(device.journal(), device.opened(), on);
}

}  // namespace
}  // namespace sb::capi

extern "C" const switchback_mover switchback_mover_copy{sb::capi::boot_with_copy, false};
