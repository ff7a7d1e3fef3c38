#include "bootloader/ymodem_transfer.hpp"

#include "ports/port.hpp"

namespace sb::bootloader {

namespace {

using Event = YmodemReceiver::Event;
constexpr std::uint32_t second = 1'000'000;
constexpr unsigned patience_seconds = 60;

}  // namespace

YmodemTransfer::Outcome YmodemTransfer::run() {
    receiver_.start();
    for (Event event = Event::none; !outcome_; event = next()) {
        if (event == Event::data) take_data();
        if (event == Event::file) receiver_.accept();
        if (event == Event::complete) end(error_of(incoming_.finish()));
        if (event == Event::failed) end(receiver_.why());
        if (event == Event::cancelled) end(Error::truncated);
        for (const std::uint8_t byte : receiver_.reply()) port::put_byte(byte);
    }
    return *outcome_;
}

/// What the next byte, or a second without one, makes of the receiver.
Event YmodemTransfer::next() {
    const std::uint32_t from = port::microseconds();
    do {
        port::kick_watchdog();
        Bystander* const other = receiver_.waits() ? bystander_ : nullptr;
        if (other != nullptr && other->idle()) return end_as(Outcome::interrupted);
        if (const auto byte = port::get_byte()) {
            if (other != nullptr && other->hear(*byte)) return end_as(Outcome::interrupted);
            return receiver_.take(*byte);
        }
    } while (port::microseconds() - from < second);
    if (receiver_.waits() && ++idle_seconds_ == patience_seconds) return end_as(Outcome::nobody);
    return receiver_.silence();
}

Event YmodemTransfer::end_as(Outcome outcome) {
    outcome_ = outcome;
    return Event::none;
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
