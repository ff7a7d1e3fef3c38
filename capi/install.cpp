#include "capi/device.hpp"

namespace sb::capi {
namespace {

static_assert(SWITCHBACK_INSTALL_WORK_BYTES(256, 0) == install_work_bytes(256, 0));
static_assert(SWITCHBACK_INSTALL_WORK_BYTES(1024, 0) == install_work_bytes(1024, 0));
static_assert(SWITCHBACK_INSTALL_WORK_BYTES(1021, 4096) == install_work_bytes(1021, 4096));
static_assert(SWITCHBACK_INSTALL_WORK_BYTES(4096, 16384) == install_work_bytes(4096, 16384));

/// A session and what it leans on.
struct Session {
    Session(Device& device, std::optional<SlotId> running, MutableBytes work)
        : facts(device.install_device(running)), session(facts, device.journal(), work) {}

    InstallDevice facts;
    InstallSession session;
};

using HousedSession = Housed<Session, switchback_session, 0x53455353>;

/// Whether a program can run from `slot`; the factory image never runs where it is kept.
bool is_running_slot(switchback_slot slot, const FlashMap& map) {
    if (slot == SWITCHBACK_SLOT_NONE || slot == SWITCHBACK_SLOT_A) return true;
    return slot == SWITCHBACK_SLOT_B && !map.moves() && !has_one_slot(map.scheme);
}

std::optional<SlotId> slot_id(switchback_slot slot) {
    if (slot == SWITCHBACK_SLOT_NONE) return std::nullopt;
    return slot == SWITCHBACK_SLOT_A ? SlotId::a : SlotId::b;
}

}  // namespace
}  // namespace sb::capi

extern "C" {

switchback_result switchback_install_begin(switchback_session* session, switchback_device* device,
                                           switchback_slot running, void* work, size_t work_bytes) {
    using namespace sb::capi;
    if (!HousedSession::has_room(session)) return SWITCHBACK_BAD_ARGUMENT;
    HousedSession::end(session);
    Device* const opened = HousedDevice::find(device);
    if (opened == nullptr || !opened->knows_journal() || !is_running_slot(running, opened->map()))
        return SWITCHBACK_BAD_ARGUMENT;
    const std::size_t needed = sb::install_work_bytes(opened->max_block_bytes(), opened->largest_grant());
    if (!is_work_memory(work, work_bytes) || work_bytes < needed) return SWITCHBACK_BAD_ARGUMENT;
    HousedSession::begin(session, *opened, slot_id(running), bytes_of(work, work_bytes));
    return SWITCHBACK_OK;
}

switchback_result switchback_install_write(switchback_session* session, uint64_t offset, const void* data, size_t bytes,
                                           uint64_t* wanted) {
    using namespace sb::capi;
    if (wanted == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *wanted = 0;
    Session* const begun = HousedSession::find(session);
    if (begun == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *wanted = begun->session.next_offset();
    if (!is_range(data, bytes)) return SWITCHBACK_BAD_ARGUMENT;
    const sb::Result<std::uint64_t> taken = begun->session.write(offset, bytes_of(data, bytes));
    *wanted = begun->session.next_offset();
    return taken ? SWITCHBACK_OK : to_c(taken.error());
}

switchback_result switchback_install_progress(const switchback_session* session, switchback_progress* progress) {
    using namespace sb::capi;
    if (progress == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    *progress = {};
    const Session* const begun = HousedSession::find(session);
    if (begun == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    progress->wanted = begun->session.next_offset();
    progress->package_bytes = begun->session.package_bytes();
    progress->resumed_from = begun->session.resumed_from();
    progress->image_bytes = begun->session.image_bytes_done();
    progress->complete = begun->session.complete();
    return SWITCHBACK_OK;
}

switchback_result switchback_install_stage(switchback_session* session) {
    using namespace sb::capi;
    Session* const begun = HousedSession::find(session);
    if (begun == nullptr) return SWITCHBACK_BAD_ARGUMENT;
    if (!begun->session.complete()) return SWITCHBACK_BAD_STATE;
    return to_c(begun->session.stage());
}

}  // extern "C"
