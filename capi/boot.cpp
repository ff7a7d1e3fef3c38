#include "capi/boot.hpp"

namespace sb::capi {
namespace {

static_assert(SWITCHBACK_ACTIVE == static_cast<int>(Decision::active));
static_assert(SWITCHBACK_TRIAL == static_cast<int>(Decision::trial));
static_assert(SWITCHBACK_SWITCH_BACK == static_cast<int>(Decision::switch_back));
static_assert(SWITCHBACK_FALLBACK == static_cast<int>(Decision::fallback));
static_assert(SWITCHBACK_RECOVERED == static_cast<int>(Decision::recovered));
static_assert(SWITCHBACK_UPDATE_MODE == static_cast<int>(Decision::update_mode));
static_assert(SWITCHBACK_FACTORY_RESET == static_cast<int>(Decision::factory_reset));

/// Whether the bootloader was given what its map asks for.
bool can_boot(const Device& device, std::size_t work_bytes) {
    const FlashMap& map = device.map();
    const switchback_mover* const mover = device.mover();
    const bool moves = map.moves() || map.scheme == Scheme::inplace || map.golden.valid();
    if (moves && mover == nullptr) return false;
    if (map.scheme == Scheme::ram_load && device.ram().empty()) return false;
    const std::size_t needed = mover != nullptr && mover->needs_install_work
                                   ? install_work_bytes(device.max_block_bytes(), device.largest_grant())
                                   : SWITCHBACK_BOOT_WORK_BYTES;
    return work_bytes >= needed;
}

BootReport boot_without_mover(Device& device, BootDevice& on) {
    return boot_opened(device.journal(), device.opened(), on);
}

void tell(const Device& device, const BootReport& from, switchback_boot_report& to) {
    const FlashMap& map = device.map();
    to.slot = from.slot ? to_c(*from.slot) : switchback_slot{SWITCHBACK_SLOT_NONE};
    to.decision = static_cast<switchback_decision>(from.decision);
    to.recorded = from.recorded;
    to.cause = to_c(from.cause);
    to.security_floor = from.state.security_floor;
    if (!from.slot) return;
    to.address = (map.one_address() ? map.slots[0].address : map.slot(*from.slot).address) + map.header_bytes;
}

}  // namespace
}  // namespace sb::capi

extern "C" switchback_result switchback_boot(switchback_device* device, void* work, size_t work_bytes,
                                             switchback_boot_report* report) {
    using namespace sb::capi;
    if (report == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *report = {};
    report->decision = SWITCHBACK_UPDATE_MODE;
    Device* const opened = HousedDevice::find(device);
    if (opened == nullptr || !is_work_memory(work, work_bytes) || !can_boot(*opened, work_bytes))
        return SWITCHBACK_BAD_ARGUMENT;
    const sb::MutableBytes memory = bytes_of(work, work_bytes);
    sb::BootDevice on = opened->boot_device(memory);
    sb::RamImage ram(opened->ram());
    if (opened->map().scheme == sb::Scheme::ram_load) on.ram = &ram;
    // A journal that cannot be read is the boot's to judge.
    [[maybe_unused]] const auto read = opened->open_journal();
    const switchback_mover* const mover = opened->mover();
    const sb::BootReport found = mover == nullptr ? boot_without_mover(*opened, on) : mover->boot(*opened, on, memory);
    tell(*opened, found, *report);
    return SWITCHBACK_OK;
}
