// tools/cli: the options by which a verb cuts the simulated device's power, or lets its battery run low.
#pragma once

#include "sim/device/device.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

struct PowerCutOptions {
    std::uint64_t at_operation = 0;  ///< 0: no cut
    std::string torn;                ///< empty: chosen by the seed
    std::uint64_t seed = 1;
    std::uint64_t low_battery_at = 0;  ///< 0: it does not run low
};

/// Adds --power-cut, --torn, --seed and --low-battery.
void add_power_cut(CLI::App& verb, PowerCutOptions& options);

/// Arms what is asked for. Refuses --low-battery where the layout takes no care of the battery.
void arm(sim::Device& device, const PowerCutOptions& options);

/// Says on standard error what was asked for and did not strike, as the verb took no more than `operations`.
void note_what_missed(const Shell& shell, const sim::Device& device, const PowerCutOptions& options,
                      std::uint64_t operations);

}  // namespace sb::cli
