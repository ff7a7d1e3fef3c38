#include "core/install/undo_mover.hpp"

#include "capi/boot.hpp"

namespace sb::capi {
namespace {

BootReport boot_with_undo(Device& device, BootDevice& on, MutableBytes work) {
    const InstallDevice facts = device.install_device(std::nullopt);
    const UndoMover mover(facts, work);
    on.mover = &mover;
    std::array<std::uint8_t, SWITCHBACK_BOOT_WORK_BYTES>
        scratch;  // the mover's memory is in use while images are hashed
    on.scratch = scratch;
    return boot_opened(device.journal(), device.opened(), on);
}

}  // namespace
}  // namespace sb::capi

extern "C" const switchback_mover switchback_mover_undo{sb::capi::boot_with_undo, true};
