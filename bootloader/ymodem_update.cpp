#include "bootloader/ymodem_update.hpp"

#include "bootloader/console.hpp"
#include "bootloader/ymodem_transfer.hpp"

namespace sb::bootloader {

void YmodemUpdate::serve(const Device& device, Journal& journal, const BootReport& report) {
    print_cause("\r\nupdate mode", report.cause);
    wait_for_sender(device, journal);
}

void YmodemUpdate::wait_for_sender(const Device& device, Journal& journal) {
    const InstallDevice install = install_device(device);
    for (;;) {
        YmodemTransfer transfer(install, journal, device.work);
        if (transfer.run() != YmodemTransfer::Outcome::refused) break;
        drain();
        print_cause("\r\nrefused", transfer.why());
    }
    leave(journal);
}

void YmodemUpdate::without_identity(Error why) {
    stop_without_identity(why);
}

}  // namespace sb::bootloader
