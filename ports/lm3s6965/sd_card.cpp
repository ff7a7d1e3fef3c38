#include "ports/lm3s6965/sd_card.hpp"

#include "ports/lm3s6965/registers.hpp"
#include "ports/port.hpp"

namespace sb::lm3s6965 {

namespace {

enum class Command : std::uint8_t {
    go_idle = 0,
    send_if_cond = 8,
    send_status = 13,
    read_block = 17,
    write_block = 24,
    app_op_cond = 41,  // behind app_command
    app_command = 55,
    read_ocr = 58,
};

constexpr std::uint8_t nothing = 0xFF;  // what an idle line reads, and what is sent to hear the card
constexpr std::uint8_t ready = 0x00;    // of R1
constexpr std::uint8_t idle = 0x01;
constexpr std::uint8_t illegal = 0x04;
constexpr std::uint8_t block_token = 0xFE;
constexpr std::uint8_t accepted = 0x05;               // of a data response's lower five bits
constexpr std::uint32_t most_old_blocks = 1U << 23U;  // whose addresses are bytes

constexpr std::uint32_t millisecond = 1'000;
constexpr std::uint32_t longest_bring_up = 2'000 * millisecond;  // twice what the specification allows
constexpr std::uint32_t longest_read = 2 * 100 * millisecond;
constexpr std::uint32_t longest_write = 2 * 500 * millisecond;

/// A byte out, the one that comes meanwhile in. A controller that does not answer reads as an idle line.
std::uint8_t exchange(std::uint8_t out) {
    constexpr std::uint32_t longest_wait = 10'000;  // a byte takes 20 us at most
    reg(ssi0::data) = out;
    for (std::uint32_t i = 0; (reg(ssi0::status) & ssi0::not_empty) == 0; ++i) {
        if (i == longest_wait) return nothing;
    }
    return static_cast<std::uint8_t>(reg(ssi0::data));
}

void run_clock(unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) exchange(nothing);
}

/// The card is selected for as long as this lives. It lets go of the line with the next clock.
class Selected {
public:
    Selected() { reg(pins::d_select) = 0; }
    ~Selected() {
        reg(pins::d_select) = pins::card_select;
        exchange(nothing);
    }
    Selected(const Selected&) = delete;
    Selected& operator=(const Selected&) = delete;
};

/// The first byte that is what is waited for, or the last that came in time.
template <class Wanted>
std::uint8_t wait_for(std::uint32_t longest, Wanted&& is_wanted) {
    const std::uint32_t from = port::microseconds();
    std::uint8_t in = exchange(nothing);
    while (!is_wanted(in) && port::microseconds() - from <= longest) {
        port::kick_watchdog();
        in = exchange(nothing);
    }
    return in;
}

bool wait_until_free(std::uint32_t longest) {
    return wait_for(longest, [](std::uint8_t in) { return in == nothing; }) == nothing;
}

/// R1; its top bit is set where the card does not answer. Requires: the card is selected.
std::uint8_t tell(Command command, std::uint32_t argument = 0) {
    constexpr int most_bytes_before = 16;  // twice what the specification allows
    // With checksums off only these two are looked at.
    const std::uint8_t crc = command == Command::go_idle ? 0x95 : 0x87;
    exchange(nothing);
    exchange(static_cast<std::uint8_t>(0x40U | static_cast<std::uint8_t>(command)));
    for (unsigned shift = 32; shift != 0; shift -= 8) exchange(static_cast<std::uint8_t>(argument >> (shift - 8)));
    exchange(crc);
    std::uint8_t in = nothing;
    for (int i = 0; i < most_bytes_before && (in & 0x80U) != 0; ++i) in = exchange(nothing);
    return in;
}

/// The four bytes behind R1.
std::uint32_t hear_word() {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i) word = word << 8U | exchange(nothing);
    return word;
}

/// A reset may have come in the middle of a block: the card is heard out first.
bool to_idle() {
    constexpr int tries = 8;
    {
        const Selected card;
        static_cast<void>(wait_until_free(longest_write));
    }
    run_clock(10);  // 74 clocks, not selected
    for (int i = 0; i < tries; ++i) {
        const Selected card;
        if (tell(Command::go_idle) == idle) return true;
        run_clock(card_block_bytes + 4);  // what is left of a block that it still waits for, or sends
    }
    return false;
}

/// Whether the card answers to what only those of version 2 know; nothing where it cannot work at this voltage.
std::optional<bool> is_version_2() {
    constexpr std::uint32_t volts_and_pattern = 0x1AA;
    const Selected card;
    if ((tell(Command::send_if_cond, volts_and_pattern) & illegal) != 0) return false;
    if ((hear_word() & 0xFFFU) != volts_and_pattern) return std::nullopt;
    return true;
}

bool leave_idle(bool version_2) {
    const std::uint32_t from = port::microseconds();
    do {
        const Selected card;
        port::kick_watchdog();
        if (tell(Command::app_command) > idle) return false;
        if (tell(Command::app_op_cond, version_2 ? 1U << 30U : 0) == ready) return true;
    } while (port::microseconds() - from <= longest_bring_up);
    return false;
}

}  // namespace

Result<void> SdCard::read_block(std::uint32_t number, CardBlock& out) {
    if (!prepare() || (!counts_blocks_ && number >= most_old_blocks)) return fail(Error::io);
    ready_ = read(number, out);
    return ready_ ? Result<void>{} : fail(Error::io);
}

Result<void> SdCard::write_block(std::uint32_t number, const CardBlock& block) {
    if (!prepare() || (!counts_blocks_ && number >= most_old_blocks)) return fail(Error::io);
    ready_ = write(number, block);
    return ready_ ? Result<void>{} : fail(Error::io);
}

bool SdCard::prepare() {
    if (!ready_) ready_ = bring_up();
    return ready_;
}

bool SdCard::bring_up() {
    reg(ssi0::prescale) = ssi0::slow_prescale;
    if (!to_idle()) return false;
    const std::optional<bool> version_2 = is_version_2();
    if (!version_2 || !leave_idle(*version_2)) return false;
    {
        const Selected card;
        if (tell(Command::read_ocr) > idle) return false;
        counts_blocks_ = (hear_word() >> 30U & 1U) != 0;
    }
    reg(ssi0::prescale) = ssi0::fast_prescale;
    ++times_up_;
    return true;
}

bool SdCard::read(std::uint32_t number, CardBlock& out) const {
    const Selected card;
    if (tell(Command::read_block, place_of(number)) != ready) return false;
    if (wait_for(longest_read, [](std::uint8_t in) { return in != nothing; }) != block_token) return false;
    for (std::uint8_t& byte : out) byte = exchange(nothing);
    run_clock(2);  // the checksum
    return true;
}

bool SdCard::write(std::uint32_t number, const CardBlock& block) const {
    const Selected card;
    if (tell(Command::write_block, place_of(number)) != ready) return false;
    exchange(nothing);  // at least one byte lies between the answer and the block
    exchange(block_token);
    for (const std::uint8_t byte : block) exchange(byte);
    run_clock(2);
    const std::uint8_t response = wait_for(longest_read, [](std::uint8_t in) { return in != nothing; });
    if ((response & 0x1FU) != accepted || !wait_until_free(longest_write)) return false;
    // Only this tells whether what was accepted could be written too.
    return tell(Command::send_status) == ready && exchange(nothing) == 0;
}

}  // namespace sb::lm3s6965
