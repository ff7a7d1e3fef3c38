#include "bootloader/ymodem_transfer.hpp"

#include "ports/port.hpp"

namespace sb::bootloader {

namespace {

using Event = YmodemReceiver::Event;
constexpr std::uint32_t second = 1'000'000;
constexpr unsigned patience_seconds = 60;

}  // namespace

YmodemTransfer::Outcome YmodemTransfer::run() {
    for (start(); !outcome_; go_on()) port::kick_watchdog();
    return *outcome_;
}

void YmodemTransfer::start() {
    receiver_.start();
    answer();
}

void YmodemTransfer::go_on() {
    Bystander* const other = receiver_.waits() ? bystander_ : nullptr;
    if (other != nullptr && other->idle()) return end_as(Outcome::interrupted);
    const auto byte = port::get_byte();
    if (!byte && port::microseconds() - silent_since_ < second) return;
    if (byte && other != nullptr && other->hear(*byte)) return end_as(Outcome::interrupted);
    if (!byte && receiver_.waits() && ++idle_seconds_ == patience_seconds) return end_as(Outcome::nobody);
    obey(byte ? receiver_.take(*byte) : receiver_.silence());
    answer();
}

void YmodemTransfer::obey(Event event) {
    if (event == Event::data) take_data();
    if (event == Event::file) receiver_.accept();
    if (event == Event::complete) end(error_of(incoming_.finish()));
    if (event == Event::failed) end(receiver_.why());
    if (event == Event::cancelled) end(Error::truncated);
}

/// The sender's turn begins, however long ours was.
void YmodemTransfer::answer() {
    for (const std::uint8_t byte : receiver_.reply()) port::put_byte(byte);
    silent_since_ = port::microseconds();
}

void YmodemTransfer::take_data() {
    if (const Result<void> taken = incoming_.take(receiver_.data()); !taken) {
        receiver_.cancel();
        return end(taken.error());
    }
    receiver_.accept();
}

void YmodemTransfer::end(Error why) {
    why_ = why;
    outcome_ = why == Error::none ? Outcome::staged : Outcome::refused;
}

}  // namespace sb::bootloader
