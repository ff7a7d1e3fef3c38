#include "bootloader/tftp_transfer.hpp"

#include "ports/port.hpp"

namespace sb::bootloader {

namespace {

using Event = TftpClient::Event;
constexpr std::uint32_t second = 1'000'000;
constexpr std::uint32_t longest_wait_for_address = 20 * second;

}  // namespace

bool TftpTransfer::run(const TftpRequest& request) {
    Result<void> opened = wait_for_address() ? network_.open(request.server, *this) : fail(Error::io);
    if (opened) opened = client_.start(request.name, request.port);
    if (!opened) end(opened.error());
    answer();
    for (std::uint32_t from = port::microseconds(); !over_;) {
        port::kick_watchdog();
        network_.poll();
        if (port::microseconds() - from < second) continue;
        from = port::microseconds();
        hear(client_.tick());
    }
    network_.close();
    return why_ == Error::none;
}

bool TftpTransfer::wait_for_address() {
    const std::uint32_t from = port::microseconds();
    while (!network_.address()) {
        if (port::microseconds() - from > longest_wait_for_address) return false;
        port::kick_watchdog();
        network_.poll();
    }
    return true;
}

void TftpTransfer::take(std::uint16_t from_port, Bytes datagram) {
    if (!over_) hear(client_.take(from_port, datagram));
}

void TftpTransfer::hear(Event event) {
    if (event == Event::data) return take_data();
    answer();
    if (event == Event::failed) end(client_.why());
    if (event == Event::complete) finish();
}

/// What is behind the last byte that the session wants is not asked for.
void TftpTransfer::take_data() {
    if (const Result<void> taken = incoming_.take(client_.data()); !taken) {
        client_.cancel();
        answer();
        return end(taken.error());
    }
    const Event event = client_.accept();
    if (event == Event::none && incoming_.complete()) client_.cancel();
    answer();
    if (event == Event::complete || incoming_.complete()) finish();
}

void TftpTransfer::finish() {
    end(error_of(incoming_.finish()));
}

void TftpTransfer::end(Error why) {
    over_ = true;
    why_ = why;
}

void TftpTransfer::answer() {
    if (!client_.reply().empty()) network_.send(client_.reply_port(), client_.reply());
}

}  // namespace sb::bootloader
