#include "core/boot/steps.hpp"

#include "core/boot/decide.hpp"
#include "core/plan/carry_out.hpp"

namespace sb {

Result<void> carry_out_all(Journal& journal, const FlashMap& map, MutableBytes scratch, State& next,
                           std::uint32_t image_bytes) {
    BootState& boot = next.boot;
    const bool from_golden = boot.plan == Plan::restore || boot.plan == Plan::reset;
    if (from_golden && !map.has_golden()) return fail(Error::bad_state);
    if (boot.plan == Plan::rewrite || boot.plan == Plan::undo) return fail(Error::bad_state);  // of another bootloader
    // The largest image that was looked at may stand in a slot that is larger than A.
    const std::uint32_t room = map.image_room(SlotId::a);
    const std::uint16_t most = steps_of(map, boot.plan, room);
    if (boot.step_count == 0) boot.step_count = steps_of(map, boot.plan, image_bytes < room ? image_bytes : room);
    if (boot.step_count > most) boot.step_count = most;
    // Proven in this session before the first erase. From then on one record that was read back is as good as two
    // (docs/power.md, rule 6).
    SB_TRY(journal.commit(next));
    while (boot.step < boot.step_count) {
        SB_TRY(carry_out(step_of(map, boot.plan, boot.step), scratch));
        ++boot.step;
        SB_TRY(journal.append(next));
    }
    boot = after_plan(boot);
    return journal.commit(next);
}

}  // namespace sb
