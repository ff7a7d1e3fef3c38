#include "bootloader/sd_update.hpp"

#include "bootloader/console.hpp"
#include "bootloader/installation.hpp"
#include "bootloader/sd_transfer.hpp"

namespace sb::bootloader {

/// On trial nothing may come in: the other slot is the way back. Where the journal takes nothing it could not be
/// remembered what became of the file.
void SdUpdate::before_start(const Device& device, Journal& journal, const BootReport& report) {
    if (!report.recorded || !is_rest(report.state.phase) || report.state.active != *report.slot) return;
    if (SdTransfer(device, journal, report.slot).run(SdTransfer::Again::no)) leave(journal);
}

void SdUpdate::serve(const Device& device, Journal& journal, const BootReport& report) {
    print_cause("\r\nupdate mode", report.cause);
    const bool asked = report.cause == Error::none;
    if (SdTransfer(device, journal, std::nullopt).run(asked ? SdTransfer::Again::yes : SdTransfer::Again::no))
        leave(journal);
    YmodemUpdate::wait_for_sender(device, journal);
}

}  // namespace sb::bootloader
