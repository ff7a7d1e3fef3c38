#include "core/install/rewrite_mover.hpp"

#include "core/boot/steps.hpp"
#include "core/install/rewriting.hpp"

namespace sb {

Result<void> RewriteMover::move(Journal& journal, const BootDevice& device, State& next,
                                std::uint32_t image_bytes) const {
    if (next.boot.plan != Plan::rewrite && next.boot.plan != Plan::undo)
        return carry_out_all(journal, device.map, device.scratch, next, image_bytes);
    return Rewriting(device_, work_, journal, device.scratch, next, &marks_).run();
}

/// Where A verifies, nothing was under way that matters.
std::optional<State> RewriteMover::recover(const BootDevice& device) const {
    RegionReader a(device.map.slots[0].region);
    if (steady_view(device, SlotId::a, a).verdict == SlotView::Verdict::valid) return std::nullopt;
    const std::optional<Marks::Found>& found = marks_.look();
    if (!found || found->state.boot.layout_crc != device.map.layout_crc) return std::nullopt;
    State mark = found->state;
    if (mark.boot.plan != Plan::rewrite && mark.boot.plan != Plan::undo) return std::nullopt;
    mark.boot.cause = Error::journal_lost;
    return mark;
}

}  // namespace sb
