// bootloader: one file of a TFTP server, into one session.
#pragma once

#include "bootloader/installation.hpp"
#include "core/link/tftp.hpp"
#include "core/link/tftp_request.hpp"
#include "ports/lwip/network.hpp"

namespace sb::bootloader {

class TftpTransfer final : DatagramTaker {
public:
    TftpTransfer(Network& network, const InstallDevice& device, Journal& journal, MutableBytes work)
        : network_(network), incoming_(device, journal, work) {}

    /// Until the package is staged (true), or something ended it: then why() says what.
    [[nodiscard]] bool run(const TftpRequest& request);
    [[nodiscard]] Error why() const { return why_; }
    /// What the server said where that ended it.
    [[nodiscard]] std::optional<std::uint16_t> server_error() const { return client_.server_error(); }

private:
    void take(std::uint16_t from_port, Bytes datagram) override;
    bool wait_for_address();
    void hear(TftpClient::Event event);
    void take_data();
    void finish();
    void end(Error why);
    void answer();

    Network& network_;
    TftpClient client_;
    Incoming incoming_;
    Error why_ = Error::none;
    bool over_ = false;
};

}  // namespace sb::bootloader
