#include "core/install/rewrite_mover.hpp"

#include "core/boot/steps.hpp"
#include "core/install/marks.hpp"
#include "core/install/rewriting.hpp"

namespace sb {

namespace {

Region marks_area(const FlashMap& map) {
    return map.patch.from(map.patch_room());
}

}  // namespace

Result<void> RewriteMover::move(Journal& journal, const BootDevice& device, State& next,
                                std::uint32_t image_bytes) const {
    if (next.boot.plan != Plan::rewrite && next.boot.plan != Plan::undo)
        return carry_out_all(journal, device.map, device.scratch, next, image_bytes);
    Marks marks(marks_area(device.map));
    return Rewriting(device_, work_, journal, device.scratch, next, &marks).run();
}

/// Where A verifies, nothing was under way that matters.
std::optional<State> RewriteMover::recover(const BootDevice& device) const {
    RegionReader a(device.map.slots[0].region);
    if (steady_view(device, SlotId::a, a).verdict == SlotView::Verdict::valid) return std::nullopt;
    std::optional<State> mark = Marks(marks_area(device.map)).newest();
    if (!mark || mark->boot.layout_crc != device.map.layout_crc) return std::nullopt;
    if (mark->boot.plan != Plan::rewrite && mark->boot.plan != Plan::undo) return std::nullopt;
    mark->boot.cause = Error::journal_lost;
    return mark;
}

}  // namespace sb
