// tools/cli: packages with a reverse patch, for devices that copy or receive the new image over the old one (schemes
// copy and single).
#pragma once

#include "tools/cli/rehearsal.hpp"

namespace sb::cli {

/// The smallest package of a delta and the patch that undoes it. Before it is given out, a simulated device of the
/// layout has installed it with the device's own code, confirmed it, and gone back from it.
[[nodiscard]] Draft pack_with_reverse(Shell& shell, const PatchJob& job, const pack::PrivateKey& key);

/// The smallest package of the whole image, for a device with one slot that receives it there, and the patch that
/// undoes that in place. Tried in the same way.
[[nodiscard]] Draft pack_whole_with_reverse(Shell& shell, const PatchJob& job, const pack::PrivateKey& key);

/// Bytes that a device of the layout has for a reverse patch and the envelope, beside an image of `image_bytes`.
[[nodiscard]] std::uint32_t reverse_room(const layout::Layout& layout, std::uint32_t image_bytes);

/// Of a package, what such a device keeps until the new image is confirmed.
[[nodiscard]] std::uint64_t kept_bytes(const Package& package, std::uint64_t envelope_bytes);

}  // namespace sb::cli
