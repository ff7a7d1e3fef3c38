#include "core/boot/boot.hpp"
#include "core/boot/steps.hpp"

namespace sb {

Result<void> CopyMover::move(Journal& journal, const BootDevice& device, State& next, std::uint32_t image_bytes) const {
    return carry_out_all(journal, device.map, device.scratch, next, image_bytes);
}

/// A copy leaves its source as it is: decide() sees all there is.
std::optional<State> CopyMover::recover(const BootDevice& /*device*/) const {
    return std::nullopt;
}

}  // namespace sb
