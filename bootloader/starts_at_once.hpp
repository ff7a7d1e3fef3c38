// bootloader: for variants that wait for an update only where they are asked to, or where nothing may run.
#pragma once

#include "bootloader/device.hpp"

namespace sb::bootloader {

struct StartsAtOnce {
    /// Called before an image starts; it may bring in another one first.
    static void before_start(const Device& /*device*/, Journal& /*journal*/, const BootReport& /*report*/) {}
};

}  // namespace sb::bootloader
