// capi: the movers that C names. Each is defined in a file of its own, as decoders are.
#pragma once

#include "capi/device.hpp"

struct switchback_mover {
    /// Boots with this mover. `work`: as switchback_boot(); `on`: all of the rest.
    sb::BootReport (*boot)(sb::capi::Device& device, sb::BootDevice& on, sb::MutableBytes work);
    bool needs_install_work;  ///< SWITCHBACK_INSTALL_WORK_BYTES
};
