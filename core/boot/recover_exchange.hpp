// core/boot: where two images stand that were being exchanged, when every record is lost.
#pragma once

#include "core/boot/boot.hpp"

namespace sb {

/// Looks for an image that verifies: in A, and then in every arrangement that an exchange can leave. The state from
/// which a boot goes on: A runs; or the exchange goes on where it stopped, to a trial; or what ran before comes back.
/// Nothing when no arrangement verifies. Requires: device.map.scheme is swap. Reads only.
[[nodiscard]] std::optional<BootState> recover_exchange(const BootDevice& device);

}  // namespace sb
