// tools/cli: the options by which a verb cuts the simulated device's power.
#pragma once

#include "sim/device/device.hpp"
#include "tools/cli/shell.hpp"

namespace sb::cli {

struct PowerCutOptions {
    std::uint64_t at_operation = 0;  ///< 0: no cut
    std::string torn;                ///< empty: chosen by the seed
    std::uint64_t seed = 1;
};

/// Adds --power-cut, --torn and --seed.
void add_power_cut(CLI::App& verb, PowerCutOptions& options);

/// Arms the cut, if one is asked for.
void arm(sim::Device& device, const PowerCutOptions& options);

}  // namespace sb::cli
