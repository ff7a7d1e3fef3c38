// sim/device: the sender's end of a download over a link that loses messages. One contract for every link: offer the
// package from where the receiver wants it; the receiver answers the next offset.
#pragma once

#include <functional>

#include "core/install/bootloader_update.hpp"
#include "sim/device/link_model.hpp"

namespace sb::sim {

struct TransferOptions {
    LinkModel link;
    double loss = 0;                ///< part of the messages that do not arrive, 0 to 1
    std::uint64_t seed = 1;         ///< of the losses
    std::uint64_t sent_before = 0;  ///< package bytes from the start that an earlier run has sent already
    std::function<void(std::uint64_t offset)> on_progress = {};  ///< after each message that arrived
};

struct TransferReport {
    Result<void> result;               ///< done when the image is whole and verified
    std::uint64_t sent_bytes = 0;      ///< everything that was put on the link
    std::uint64_t received_bytes = 0;  ///< of that, what arrived
    std::uint64_t resent_bytes = 0;    ///< of that, what had been sent before, by this run or an earlier one
    std::uint64_t sent_up_to = 0;      ///< offset behind the last byte that was ever sent
    std::uint64_t messages = 0;
    std::uint64_t lost_messages = 0;
    double link_seconds = 0;  ///< by the link model
};

/// Sends until the session is complete or fails. A block that does not verify is sent again twice. Gives up with
/// Error::io when 1000 messages in a row are lost. truncated, trailing_data: the file is not as long as its envelope
/// says, which is told before any payload is sent.
[[nodiscard]] TransferReport transfer(InstallSession& session, Bytes package, const TransferOptions& options);
[[nodiscard]] TransferReport transfer(BootloaderUpdate& update, Bytes package, const TransferOptions& options);

}  // namespace sb::sim
