#include "core/install/rewrite_mover.hpp"

#include "capi/boot.hpp"

namespace sb::capi {
namespace {

/// Without a patch region (a scheme that has none) there is nothing to rewrite by: the factory image is copied.
BootReport boot_with_rewrite(Device& device, BootDevice& on, MutableBytes work) {
    if (!has_one_slot(device.map().scheme) || !device.map().patch.valid()) {
        const CopyMover copies;
        on.mover = &copies;
        return boot_opened(device.journal(), device.opened(), on);
    }
    const InstallDevice facts = device.install_device(std::nullopt);
    Marks marks(device.map());
    const RewriteMover mover(facts, work, marks);
    on.mover = &mover;
    std::array<std::uint8_t, SWITCHBACK_BOOT_WORK_BYTES>
        scratch;  // the mover's memory is in use while images are hashed
    on.scratch = scratch;
    return boot_opened(device.journal(), device.opened(), on);
}

}  // namespace
}  // namespace sb::capi

extern "C" const switchback_mover switchback_mover_rewrite{sb::capi::boot_with_rewrite, true};
