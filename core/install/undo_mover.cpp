#include "core/install/undo_mover.hpp"

#include "core/boot/steps.hpp"
#include "core/install/rewriting.hpp"

namespace sb {

Result<void> UndoMover::move(Journal& journal, const BootDevice& device, State& next, std::uint32_t image_bytes) const {
    if (next.boot.plan != Plan::undo) return carry_out_all(journal, device.map, device.scratch, next, image_bytes);
    return Rewriting(device_, work_, journal, device.scratch, next, nullptr).run();
}

}  // namespace sb
