// bootloader: a package comes as the file UPDATE.SWB of a card's FAT volume: at each start, if it is neither what runs
// nor was dealt with before, and in update mode, where one that failed is taken once more because somebody asks. After
// the card update mode waits for a sender of YMODEM.
#pragma once

#include "bootloader/ymodem_update.hpp"

namespace sb::bootloader {

struct SdUpdate {
    static constexpr std::size_t work_bytes = YmodemUpdate::work_bytes;

    /// Returns where the image is to start that was found.
    static void before_start(const Device& device, Journal& journal, const BootReport& report);
    [[noreturn]] static void serve(const Device& device, Journal& journal, const BootReport& report);
    [[noreturn]] static void without_identity(Error why) { YmodemUpdate::without_identity(why); }
};

}  // namespace sb::bootloader
