// bootloader: one sender's transfer by YMODEM over the console, into one session.
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

    [[nodiscard]] Outcome run();
    [[nodiscard]] Error why() const { return why_; }

private:
    YmodemReceiver::Event next();
    YmodemReceiver::Event end_as(Outcome outcome);
    void take_data();
    void end(Error why);

    YmodemReceiver receiver_;
    Incoming incoming_;
    Bystander* bystander_;
    unsigned idle_seconds_ = 0;
    std::optional<Outcome> outcome_{};
    Error why_ = Error::none;
};

}  // namespace sb::bootloader
