// core/boot: what the running application tells the bootloader, through the journal: that it works, what it wants of
// the next boot, what its data are. Each answer is proven in the journal before it is given.
#pragma once

#include "core/boot/slot_check.hpp"
#include "core/journal/journal.hpp"

namespace sb {

/// The application asks for the factory image: the next boot restores it, or says in `cause` why not. Proven in the
/// journal before it returns. Requires: journal.open() was called in this session. Errors: io, readback.
[[nodiscard]] Result<void> request_factory_reset(Journal& journal, bool keep_data = false);

/// The application, or a button, asks the bootloader to wait for an update. Each boot waits until one was staged or
/// the wait is given up. Proven in the journal before it returns. Requires: journal.open() was called in this session.
/// Errors: bad_state while an update is staged, on trial or on its way back; io, readback.
[[nodiscard]] Result<void> request_update_mode(Journal& journal);

/// The bootloader has waited long enough: the next boot starts what there is to start. The same requirement. Errors:
/// io, readback.
[[nodiscard]] Result<void> leave_update_mode(Journal& journal);

/// The running application's data are in `format` (0 to 127, rising) from now on. If that is on trial and switched back
/// from, BootState::data_newer tells the image that runs then, until that registers what it made of them. The same
/// requirement. Errors: out_of_range; io, readback.
[[nodiscard]] Result<void> register_data_format(Journal& journal, std::uint8_t format);

/// The running image declares itself good. From then on it is the active one and never reverts by itself; the
/// security floor rises to its counter in the same record. Calling it again changes nothing. Where the part locks
/// (core/boot/locks.hpp), the next package is taken after the next reset only.
/// `running` is the slot that the caller runs from, `image` what check_slot() says of it.
/// Requires: journal.open() was called in this session.
/// Errors: not_running when another image is on trial, or when nothing is and `running` is not the active slot; io,
/// readback.
[[nodiscard]] Result<void> confirm(Journal& journal, SlotId running, const VerifiedImage& image);

}  // namespace sb
