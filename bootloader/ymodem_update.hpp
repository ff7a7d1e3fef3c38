// bootloader: update mode over the console: a package that comes in by YMODEM is installed. The wait ends: an update
// was staged, or nobody sent anything for a minute; then the board starts anew.
#pragma once

#include "bootloader/device.hpp"
#include "bootloader/starts_at_once.hpp"
#include "core/delta/factory.hpp"
#include "core/install/making.hpp"
#include "generated/board.hpp"

namespace sb::bootloader {

struct YmodemUpdate : StartsAtOnce {
    static constexpr std::size_t work_bytes = install_work_bytes(board::max_block_bytes, board::decoder_ram_bytes);

    /// serve(), once it was said that update mode began.
    [[noreturn]] static void wait_for_sender(const Device& device, Journal& journal);
    [[noreturn]] static void serve(const Device& device, Journal& journal, const BootReport& report);
    [[noreturn]] static void without_identity(Error why);
};

}  // namespace sb::bootloader
