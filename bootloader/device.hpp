// bootloader: what one start works with, handed from main to whoever waits for an update.
#pragma once

#include "core/boot/boot.hpp"
#include "ports/identity.hpp"

namespace sb::bootloader {

struct Device {
    const FlashMap& map;
    Crypto& crypto;
    KeyRing keys;
    const Identity& identity;
    MutableBytes work;  ///< aligned to 8 bytes; of the variant's size
};

}  // namespace sb::bootloader
