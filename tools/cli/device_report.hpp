// tools/cli: a simulated device as JSON and as text.
#pragma once

#include "sim/device/status.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

/// "A" or "B".
[[nodiscard]] std::string slot_name(SlotId slot);

[[nodiscard]] Json status_json(const sim::Device& device, const sim::Status& status);
[[nodiscard]] std::string status_text(const sim::Device& device, const sim::Status& status);

}  // namespace sb::cli
