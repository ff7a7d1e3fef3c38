// bootloader: one sender's transfer by YMODEM over the console, into one session. Update mode waits for all of it; an
// application takes it a byte at a time, beside its work.
#pragma once

#include "bootloader/installation.hpp"
#include "core/link/ymodem.hpp"

namespace sb::bootloader {

/// Who else listens to the console while nobody sends.
class Bystander {
public:
    /// Both answer whether something else is to be done now. A byte came in:
    [[nodiscard]] virtual bool hear(std::uint8_t byte) = 0;
    /// Called again and again.
    [[nodiscard]] virtual bool idle() = 0;

protected:
    ~Bystander() = default;
};

class YmodemTransfer {
public:
    enum class Outcome : std::uint8_t {
        staged,
        refused,      ///< why() says what ended it
        nobody,       ///< sent anything for a minute
        interrupted,  ///< by the bystander
    };

    YmodemTransfer(const InstallDevice& device, Journal& journal, MutableBytes work, Bystander* bystander = nullptr)
        : incoming_(device, journal, work), bystander_(bystander) {}

    /// All of it.
    [[nodiscard]] Outcome run();

    /// Or in pieces: asks the sender to begin,
    void start();
    /// then does what the next byte asks for, if one came, or a second without one. Returns at once, but for what the
    /// session has to do with a block. Again and again until there is an outcome.
    void go_on();
    [[nodiscard]] const std::optional<Outcome>& outcome() const { return outcome_; }

    [[nodiscard]] const Incoming& incoming() const { return incoming_; }
    [[nodiscard]] Error why() const { return why_; }

private:
    void obey(YmodemReceiver::Event event);
    void end_as(Outcome outcome) { outcome_ = outcome; }
    void take_data();
    void end(Error why);
    void answer();

    YmodemReceiver receiver_;
    Incoming incoming_;
    Bystander* bystander_;
    std::uint32_t silent_since_ = 0;
    unsigned idle_seconds_ = 0;
    std::optional<Outcome> outcome_{};
    Error why_ = Error::none;
};

}  // namespace sb::bootloader
