// tools/cli: packages for devices that rewrite their image where it stands (scheme inplace).
#pragma once

#include "tools/cli/rehearsal.hpp"
#include "tools/diff/in_place.hpp"

namespace sb::cli {

/// The smallest package that a device of the layout rewrites its image with. Before it is given out, a simulated device
/// of that layout has installed it with the device's own code, confirmed it, and where there is a way back undone it.
[[nodiscard]] Draft pack_in_place(Shell& shell, const PatchJob& job, const pack::PrivateKey& key);

/// The smallest patch from job.source to job.image for slot A of the layout, in a format of job.offers that works in
/// place; way back included, if job.way_back.
[[nodiscard]] diff::InPlacePatch smallest_in_place(const PatchJob& job, std::uint32_t preamble_bytes);
/// Of slot A of a layout whose units there are alike.
[[nodiscard]] std::uint32_t erase_unit(const layout::Layout& layout);

}  // namespace sb::cli
