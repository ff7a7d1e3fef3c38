// bootloader: update mode with a network: a package comes by YMODEM over the console, or from a TFTP server: the one
// that the line "tftp SERVER[:PORT] NAME" names, or by itself, after some silence, UPDATE.SWB of the one that DHCP
// names. That is tried a few times, with longer and longer pauses. The wait ends as without a network.
#pragma once

#include "bootloader/device.hpp"
#include "bootloader/starts_at_once.hpp"
#include "core/delta/factory.hpp"
#include "core/install/making.hpp"
#include "generated/board.hpp"

namespace sb::bootloader {

struct NetworkUpdate : StartsAtOnce {
    static constexpr std::size_t work_bytes = install_work_bytes(board::max_block_bytes, board::decoder_ram_bytes);

    [[noreturn]] static void serve(const Device& device, Journal& journal, const BootReport& report);
    [[noreturn]] static void without_identity(Error why);
};

}  // namespace sb::bootloader
