#include "sim/device/status.hpp"

#include <algorithm>

#include "core/flash/region_reader.hpp"
#include "core/install/staged_package.hpp"
#include "core/stage0/seal.hpp"

namespace sb::sim {
namespace {

constexpr std::uint32_t header_bytes = 32;  // of an MCUboot image, without padding

/// The image that ran before is nowhere; what is new is in A on trial, and until then where it was received.
Role role_after_overwriting(SlotId slot, Scheme scheme, Phase phase) {
    const bool waits = phase == Phase::candidate || phase == Phase::staged;
    const bool received_here = (slot == SlotId::a) == has_one_slot(scheme);
    const bool pending = (slot == SlotId::a && phase == Phase::trial) || (received_here && waits);
    return pending ? Role::pending : Role::empty;
}

/// A backup is an image that was confirmed once: one that failed its trial is none, whatever it says of itself.
Role role_of(SlotId slot, const Status& status, Scheme scheme, bool verifies) {
    if (slot == SlotId::golden) return verifies ? Role::golden : Role::empty;
    const Phase phase = status.boot.phase;
    if (old_is_gone(scheme, status.boot)) return role_after_overwriting(slot, scheme, phase);
    if (!status.journal_lost && slot == status.boot.active) return Role::active;
    if (phase == Phase::candidate || phase == Phase::staged || phase == Phase::trial) return Role::pending;
    return verifies && status.boot.confirmed(slot) ? Role::backup : Role::empty;
}

/// Whether the patch that came with the update stands as it was signed.
bool reverse_patch_stands(Device& device, const ShortDigest& package) {
    const FlashMap& map = device.map();
    const bool rewrites = map.scheme == Scheme::inplace;
    Region area = map.patch;
    if (map.scheme == Scheme::copy) {
        RegionReader image(map.slots[1].region);
        const auto info = parse_image(image);
        if (!info) return false;
        area = reverse_area(map, info->total_bytes);
    }
    if (!area.valid()) return false;
    std::array<std::uint8_t, max_envelope_bytes> io{};
    auto staged = open_staged(area, device.crypto(), device.keys(), io);
    if (!staged || staged->package.id != package) return false;
    const PayloadDescriptor& payload = staged->package.payload;
    if (rewrites ? !payload.in_place || !payload.in_place->has_way_back : !payload.reverse) return false;
    if (!rewrites) staged->package = reverse_of(staged->package);
    std::array<std::uint8_t, 256> scratch{};
    return check_staged(area, *staged, device.crypto(), scratch).has_value();
}

std::optional<layout::WayBack> way_back_of(Device& device, const State& state, const Status& status) {
    const Phase phase = state.boot.phase;
    if (phase != Phase::candidate && phase != Phase::staged && phase != Phase::trial) return std::nullopt;
    const Scheme scheme = device.map().scheme;
    if (scheme == Scheme::xip || scheme == Scheme::ram_load) return layout::WayBack::other_slot;
    if (scheme == Scheme::swap) return layout::WayBack::exchange;
    if (reverse_patch_stands(device, state.install.package)) return layout::WayBack::reverse_patch;
    const bool golden = status.slots[index_of(SlotId::golden)].image.has_value();
    return golden ? layout::WayBack::golden : layout::WayBack::none;
}

void add_wear(const Device& device, Status& status) {
    for (const auto& part : device.parts()) {
        status.total_erases += part->content().erases;
        for (const std::uint32_t erases : part->content().erase_counts)
            status.max_erases = std::max(status.max_erases, erases);
    }
}

BootloaderStatus bootloader_of(const Device& device) {
    BootloaderStatus status{.starts = device.bootloader_copy(), .sealed = {}};
    for (std::size_t i = 0; i < slot_count; ++i) {
        const Region& copy = device.bootloader_map()->slots[i].region;
        const std::optional<Seal> seal = read_seal(copy);
        if (!seal || !image_matches(copy, *seal)) continue;
        RegionReader reader(copy, seal->image_bytes);
        if (const auto info = parse_image(reader)) status.sealed[i] = info->version;
    }
    return status;
}

}  // namespace

Status status_of(Device& device) {
    Status status;
    Journal journal(device.map().journal);
    status.journal_lost = !journal.open() || journal.state().boot.layout_crc != device.map().layout_crc;
    status.boot = state_of(journal, device.map()).boot;

    BootView view{.state = status.boot,
                  .journal_lost = status.journal_lost,
                  .tries = device.layout().tries,
                  .layout_crc = device.map().layout_crc,
                  .scheme = device.map().scheme,
                  .golden_below_floor = device.layout().golden_below_floor};
    for (const SlotId slot : {SlotId::a, SlotId::b, SlotId::golden}) {
        if (!device.map().slot(slot).region.valid()) continue;
        const auto image = device.check(slot, status.boot.phase);
        view.slots[index_of(slot)] = view_of(image);
        SlotStatus& s = status.slots[index_of(slot)];
        s.role = role_of(slot, status, device.map().scheme, image.has_value());
        if (image) s.image = *image;
        s.blank = image_region(device.map(), slot, status.boot.phase).is_blank(0, header_bytes).value_or(false);
    }
    for (const SlotId slot : {SlotId::a, SlotId::b, SlotId::golden})
        status.slots[index_of(slot)].objection = slot_objection(view, slot);
    status.security_floor = effective_floor(view);
    if (device.bootloader_map() != nullptr) status.bootloader = bootloader_of(device);
    if (!status.journal_lost) status.way_back = way_back_of(device, journal.state(), status);
    add_wear(device, status);
    return status;
}

const char* role_name(Role role) {
    switch (role) {
        case Role::active:
            return "active";
        case Role::pending:
            return "pending";
        case Role::backup:
            return "backup";
        case Role::empty:
            return "empty";
        case Role::golden:
            return "golden";
    }
    return "unknown";
}

const char* phase_name(Phase phase) {
    switch (phase) {
        case Phase::ready:
            return "READY";
        case Phase::writing:
            return "WRITING";
        case Phase::candidate:
            return "CANDIDATE";
        case Phase::staged:
            return "STAGED";
        case Phase::trial:
            return "TRIAL";
        case Phase::updated:
            return "UPDATED";
        case Phase::reverting:
            return "REVERTING";
        case Phase::failed:
            return "FAILED";
    }
    return "unknown";
}

}  // namespace sb::sim
