// sim/device: what can be said of a device from outside: roles of its slots, what they hold, wear.
#pragma once

#include "sim/device/device.hpp"
#include "tools/layout/check.hpp"

namespace sb::sim {

enum class Role : std::uint8_t { active, pending, backup, empty, golden };

struct SlotStatus {
    Role role = Role::empty;
    std::optional<VerifiedImage> image;  ///< when it verifies
    bool blank = false;                  ///< nothing is written where the image header would be
    Error objection = Error::none;       ///< why it may not run (also of an image that verifies), or none
};

/// The copies of an updatable bootloader.
struct BootloaderStatus {
    std::optional<SlotId> starts;                           ///< the copy that stage 0 starts
    std::array<std::optional<Version>, slot_count> sealed;  ///< versions of those that are sealed and undamaged
};

struct Status {
    bool journal_lost = false;
    BootState boot;
    std::array<SlotStatus, source_count> slots;
    std::uint32_t security_floor = 0;  ///< the effective one
    std::optional<BootloaderStatus> bootloader{};
    /// What undoes the update that waits or is on trial; none at all where there is none.
    std::optional<layout::WayBack> way_back;
    std::uint32_t max_erases = 0;  ///< of any erase unit of any part
    std::uint64_t total_erases = 0;
};

/// Reads and verifies; changes nothing.
[[nodiscard]] Status status_of(Device& device);

[[nodiscard]] const char* role_name(Role role);
[[nodiscard]] const char* phase_name(Phase phase);

}  // namespace sb::sim
