#include "bootloader/ymodem_update.hpp"

#include "bootloader/console.hpp"
#include "core/boot/application.hpp"
#include "core/install/session.hpp"
#include "core/link/ymodem.hpp"
#include "generated/variant.hpp"
#include "ports/port.hpp"

namespace sb::bootloader {

namespace {

using Event = YmodemReceiver::Event;
constexpr std::uint32_t second = 1'000'000;
constexpr unsigned patience_seconds = 60;

/// One sender's transfer into one session.
class Transfer {
public:
    Transfer(const InstallDevice& device, Journal& journal, MutableBytes work) : session_(device, journal, work) {}

    /// Until the package is staged (true), or something ended it: then why() says what.
    bool run() {
        receiver_.start();
        for (Event event = Event::none; !over_; event = next()) {
            if (event == Event::data) take_data();
            if (event == Event::file) receiver_.accept();
            if (event == Event::complete) finish();
            if (event == Event::failed) end(receiver_.why());
            if (event == Event::cancelled) end(Error::truncated);
            for (const std::uint8_t byte : receiver_.reply()) port::put_byte(byte);
        }
        return why_ == Error::none;
    }
    [[nodiscard]] Error why() const { return why_; }
    /// Nobody sent anything.
    [[nodiscard]] bool nobody() const { return nobody_; }

private:
    /// What the next byte, or a second without one, makes of the receiver.
    Event next() {
        const std::uint32_t from = port::microseconds();
        do {
            port::kick_watchdog();
            if (const auto byte = port::get_byte()) return receiver_.take(*byte);
        } while (port::microseconds() - from < second);
        if (receiver_.waits() && ++idle_seconds_ == patience_seconds) {
            nobody_ = true;
            end(Error::truncated);
        }
        return receiver_.silence();
    }

    /// The session may want less than a block, as it goes on where it was cut.
    void take_data() {
        const Bytes data = receiver_.data();
        const std::uint64_t behind = offset_ + data.size();
        std::uint64_t at = offset_;
        while (at < behind && !session_.complete()) {
            const Result<std::uint64_t> wanted =
                session_.write(at, data.subspan(static_cast<std::size_t>(at - offset_)));
            if (!wanted) {
                receiver_.cancel();
                return end(wanted.error());
            }
            if (*wanted <= at) break;
            at = *wanted;
        }
        offset_ = behind;
        receiver_.accept();
    }

    void finish() {
        if (!session_.complete()) return end(Error::truncated);
        const Result<void> staged = session_.stage();
        end(staged ? Error::none : staged.error());
    }

    void end(Error why) {
        over_ = true;
        why_ = why;
    }

    YmodemReceiver receiver_;
    InstallSession session_;
    std::uint64_t offset_ = 0;  // of the next block, in the package
    unsigned idle_seconds_ = 0;
    Error why_ = Error::none;
    bool over_ = false;
    bool nobody_ = false;
};

/// A sender that was cancelled may still be in the middle of a block: what it says is passed over until it is silent.
void drain() {
    constexpr std::uint32_t longest = 20 * second;
    const std::uint32_t from = port::microseconds();
    std::uint32_t last = from;
    while (port::microseconds() - last < second / 4 && port::microseconds() - from < longest) {
        port::kick_watchdog();
        if (port::get_byte()) last = port::microseconds();
    }
}

}  // namespace

void YmodemUpdate::serve(const Device& device, Journal& journal, const BootReport& report) {
    print_cause("\r\nupdate mode", report.cause);
    const InstallDevice install{.map = device.map,
                                .crypto = device.crypto,
                                .keys = device.keys,
                                .vendor = device.identity.vendor,
                                .device_class = device.identity.device_class,
                                .decoders = variant::decoders,
                                .offers = board::decoders,
                                .max_block_bytes = board::max_block_bytes,
                                .hardware_floor = port::hardware_floor(),
                                .tries = board::tries,
                                .allow_downgrade = board::allow_downgrade,
                                .accept_no_way_back = board::accept_no_way_back,
                                .running = std::nullopt,
                                .supply = port::supply()};
    for (;;) {
        Transfer transfer(install, journal, device.work);
        const bool staged = transfer.run();
        if (staged || transfer.nobody()) break;
        drain();
        print_cause("\r\nrefused", transfer.why());
    }
    // Where nothing can be recorded the next boot waits again, and that is right.
    if (is_rest(journal.state().boot.phase)) static_cast<void>(leave_update_mode(journal));
    print("\r\nrestart\r\n");
    port::reset();
}

void YmodemUpdate::without_identity(Error why) {
    print_cause("no identity", why);
    drain();
    port::reset();
}

}  // namespace sb::bootloader
