// tools/cli: packages for devices that rewrite their image where it stands (scheme inplace).
#pragma once

#include "tools/cli/rehearsal.hpp"

namespace sb::cli {

/// The smallest package that a device of the layout rewrites its image with. Before it is given out, a simulated device
/// of that layout has installed it with the device's own code, confirmed it, and where there is a way back undone it.
[[nodiscard]] Draft pack_in_place(Shell& shell, const PatchJob& job, const pack::PrivateKey& key);

}  // namespace sb::cli
