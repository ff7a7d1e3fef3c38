#include "core/boot/application.hpp"

#include "capi/device.hpp"

namespace sb::capi {
namespace {

static_assert(SWITCHBACK_PHASE_READY == static_cast<int>(Phase::ready));
static_assert(SWITCHBACK_PHASE_WRITING == static_cast<int>(Phase::writing));
static_assert(SWITCHBACK_PHASE_CANDIDATE == static_cast<int>(Phase::candidate));
static_assert(SWITCHBACK_PHASE_STAGED == static_cast<int>(Phase::staged));
static_assert(SWITCHBACK_PHASE_TRIAL == static_cast<int>(Phase::trial));
static_assert(SWITCHBACK_PHASE_UPDATED == static_cast<int>(Phase::updated));
static_assert(SWITCHBACK_PHASE_REVERTING == static_cast<int>(Phase::reverting));
static_assert(SWITCHBACK_PHASE_FAILED == static_cast<int>(Phase::failed));

constexpr std::size_t least_scratch = 64;  // verify_image

/// The device, if it was opened and its journal can be leaned on.
Device* find_with_journal(switchback_device* device) {
    Device* const opened = HousedDevice::find(device);
    return opened != nullptr && opened->knows_journal() ? opened : nullptr;
}

template <class Ask>
switchback_result with_journal(switchback_device* device, Ask ask) {
    Device* const opened = find_with_journal(device);
    return opened == nullptr ? SWITCHBACK_BAD_ARGUMENT : to_c(ask(opened->journal()));
}

/// What the bootloader started, by the records: on trial the one that is not active.
switchback_slot running_by(const BootState& boot, const FlashMap& map) {
    if (boot.phase == Phase::trial) return to_c(other(boot.active));
    if (boot.phase == Phase::reverting || old_is_gone(map.scheme, boot)) return SWITCHBACK_SLOT_NONE;
    return to_c(boot.active);
}

Result<void> confirm_slot(Device& device, SlotId running, MutableBytes scratch) {
    const Phase phase = state_of(device.journal(), device.map()).boot.phase;
    SB_TRY_ASSIGN(const VerifiedImage image,
                  check_slot(device.map(), running, phase, device.crypto(), device.keys(), scratch));
    return sb::confirm(device.journal(), running, image);
}

}  // namespace
}  // namespace sb::capi

extern "C" {

switchback_result switchback_confirm(switchback_device* device, switchback_slot running, void* work,
                                     size_t work_bytes) {
    using namespace sb::capi;
    Device* const opened = find_with_journal(device);
    if (opened == nullptr || (running != SWITCHBACK_SLOT_A && running != SWITCHBACK_SLOT_B))
        return SWITCHBACK_BAD_ARGUMENT;
    const sb::SlotId slot = running == SWITCHBACK_SLOT_A ? sb::SlotId::a : sb::SlotId::b;
    if (!opened->map().slot(slot).region.valid()) return SWITCHBACK_BAD_ARGUMENT;
    if (!is_work_memory(work, work_bytes) || work_bytes < least_scratch) return SWITCHBACK_BAD_ARGUMENT;
    return to_c(confirm_slot(*opened, slot, bytes_of(work, work_bytes)));
}

switchback_result switchback_request_update_mode(switchback_device* device) {
    return sb::capi::with_journal(device, [](sb::Journal& journal) { return sb::request_update_mode(journal); });
}

switchback_result switchback_leave_update_mode(switchback_device* device) {
    return sb::capi::with_journal(device, [](sb::Journal& journal) { return sb::leave_update_mode(journal); });
}

switchback_result switchback_request_factory_reset(switchback_device* device, bool keep_data) {
    return sb::capi::with_journal(device,
                                  [&](sb::Journal& journal) { return sb::request_factory_reset(journal, keep_data); });
}

switchback_result switchback_status(const switchback_device* device, switchback_state* state) {
    using namespace sb::capi;
    if (state == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *state = {};
    const Device* const opened = HousedDevice::find(device);
    if (opened == nullptr || !opened->knows_journal()) return SWITCHBACK_BAD_ARGUMENT;
    const sb::State known = sb::state_of(opened->journal(), opened->map());
    const sb::BootState& boot = known.boot;
    state->phase = static_cast<switchback_phase>(boot.phase);
    state->active = to_c(boot.active);
    state->running = running_by(boot, opened->map());
    state->tries_left = boot.tries_left;
    state->journal_lost = !opened->had_record();
    state->active_confirmed = boot.confirmed(boot.active);
    state->update_mode = boot.request == sb::Request::update_mode;
    state->factory_reset = boot.request == sb::Request::factory_reset || boot.request == sb::Request::factory_image;
    state->cause = to_c(boot.cause);
    state->security_floor = boot.security_floor;
    if (boot.phase == sb::Phase::writing) state->image_bytes = known.install.output_bytes;
    state->confirmed_sequence = boot.confirmed_sequence;
    return SWITCHBACK_OK;
}

}  // extern "C"
