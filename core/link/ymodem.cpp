#include "core/link/ymodem.hpp"

namespace sb {

namespace {

constexpr std::uint8_t soh = 0x01;  // a block of 128 bytes
constexpr std::uint8_t stx = 0x02;  // of 1024
constexpr std::uint8_t eot = 0x04;
constexpr std::uint8_t ack = 0x06;
constexpr std::uint8_t nak = 0x15;
constexpr std::uint8_t can = 0x18;
constexpr std::uint8_t with_crc = 'C';
constexpr std::size_t small_block_bytes = 128;

}  // namespace

std::uint16_t crc16(Bytes data, std::uint16_t crc) {
    std::uint32_t sum = crc;
    for (const std::uint8_t byte : data) {
        sum ^= static_cast<std::uint32_t>(byte) << 8U;
        for (int bit = 0; bit < 8; ++bit) sum = (sum << 1U) ^ ((sum & 0x8000U) != 0 ? 0x1021U : 0U);
    }
    return static_cast<std::uint16_t>(sum);
}

void YmodemReceiver::start() {
    size_.reset();
    received_ = 0;
    name_bytes_ = 0;
    data_bytes_ = 0;
    expected_ = faults_ = cancels_ = 0;
    state_ = State::header;
    part_ = Part::kind;
    why_ = Error::none;
    reply_bytes_ = 0;
    say(with_crc);
}

std::string_view YmodemReceiver::name() const {
    return {static_cast<const char*>(static_cast<const void*>(block_.data())), name_bytes_};
}

YmodemReceiver::Event YmodemReceiver::take(std::uint8_t byte) {
    reply_bytes_ = 0;
    if (state_ == State::over) return Event::none;
    switch (part_) {
        case Part::kind:
            return take_kind(byte);
        case Part::number:
            number_ = byte;
            part_ = Part::complement;
            break;
        case Part::complement:
            part_ = (number_ ^ byte) == 0xFF ? Part::payload : Part::noise;
            break;
        case Part::payload:
            take_payload(byte);
            break;
        case Part::crc:
            return take_crc(byte);
        case Part::noise:  // until the line is silent
            break;
    }
    return Event::none;
}

YmodemReceiver::Event YmodemReceiver::take_kind(std::uint8_t byte) {
    // One CAN may be noise, two in a row are meant.
    cancels_ = byte == can ? static_cast<std::uint8_t>(cancels_ + 1) : std::uint8_t{0};
    if (cancels_ == 2) {
        state_ = State::over;
        return Event::cancelled;
    }
    if (byte == soh) {
        begin_block(small_block_bytes);
    } else if (byte == stx) {
        begin_block(block_bytes);
    } else if (byte == eot) {
        return take_end();
    }
    return Event::none;
}

void YmodemReceiver::begin_block(std::size_t bytes) {
    wanted_ = bytes;
    filled_ = 0;
    crc_ = 0;
    part_ = Part::number;
}

void YmodemReceiver::take_payload(std::uint8_t byte) {
    block_[filled_++] = byte;
    if (filled_ == wanted_) part_ = Part::crc;
}

YmodemReceiver::Event YmodemReceiver::take_crc(std::uint8_t byte) {
    // The high byte first; filled_ counts one beyond the payload between the two.
    crc_ = static_cast<std::uint16_t>(crc_ << 8U | byte);
    if (filled_++ == wanted_) return Event::none;
    part_ = Part::kind;
    if (crc_ != crc16(Bytes(block_).first(wanted_))) return fault();
    return take_block();
}

YmodemReceiver::Event YmodemReceiver::take_block() {
    // Our answer to the block before was lost.
    const bool again =
        state_ != State::header && state_ != State::last_header && number_ == static_cast<std::uint8_t>(expected_ - 1);
    if (again) {
        say_again();
        return Event::none;
    }
    if (number_ != expected_) return fail_with(Error::malformed);
    faults_ = 0;
    return state_ == State::header || state_ == State::last_header ? take_header() : take_data();
}

YmodemReceiver::Event YmodemReceiver::take_header() {
    if (state_ == State::header) {
        if (!read_header()) return fail_with(Error::malformed);
        return Event::file;
    }
    if (block_[0] != 0) return fail_with(Error::malformed);
    state_ = State::over;
    say(ack);
    return Event::complete;
}

/// "name", 0, "size …": the rest is not of interest. An empty name ends a batch that was none.
bool YmodemReceiver::read_header() {
    std::size_t at = 0;
    while (at < wanted_ && block_[at] != 0) ++at;
    if (at == 0 || at == wanted_) return false;
    name_bytes_ = static_cast<std::uint16_t>(at++);
    std::uint64_t size = 0;
    const std::size_t from = at;
    for (; at < wanted_ && block_[at] >= '0' && block_[at] <= '9'; ++at) {
        size = size * 10 + (block_[at] - '0');
        if (size > UINT32_MAX) return false;
    }
    if (at != from) size_ = static_cast<std::uint32_t>(size);
    return true;
}

YmodemReceiver::Event YmodemReceiver::take_data() {
    const std::uint32_t left = size_ ? *size_ - received_ : UINT32_MAX - received_;
    data_bytes_ = wanted_ < left ? wanted_ : left;
    if (data_bytes_ != 0) return Event::data;
    accept();  // padding behind the end
    return Event::none;
}

/// The first EOT may be noise: it is asked for once more.
YmodemReceiver::Event YmodemReceiver::take_end() {
    switch (state_) {
        case State::first_data:
        case State::data:
            if (size_ && received_ != *size_) return fail_with(Error::truncated);
            state_ = State::end;
            say(nak);
            break;
        case State::end:
        case State::last_header:
            state_ = State::last_header;
            expected_ = 0;
            say(ack);
            say(with_crc);
            break;
        case State::header:
        case State::over:
            break;
    }
    return Event::none;
}

void YmodemReceiver::accept() {
    reply_bytes_ = 0;
    if (state_ == State::header) {
        state_ = State::first_data;
        expected_ = 1;
    } else {
        state_ = State::data;
        received_ += static_cast<std::uint32_t>(data_bytes_);
        ++expected_;
    }
    data_bytes_ = 0;
    say_again();
}

/// The answer to the block that was taken last.
void YmodemReceiver::say_again() {
    say(ack);
    if (state_ == State::first_data) say(with_crc);
}

void YmodemReceiver::cancel() {
    state_ = State::over;
    reply_bytes_ = 0;
    for (int i = 0; i < 4; ++i) say(can);
}

YmodemReceiver::Event YmodemReceiver::silence() {
    reply_bytes_ = 0;
    if (state_ == State::over) return Event::none;
    const bool idle = state_ == State::header && part_ == Part::kind && faults_ == 0;
    part_ = Part::kind;
    cancels_ = 0;
    if (!idle) return fault();
    say(with_crc);
    return Event::none;
}

/// Asks for what was expected once more.
YmodemReceiver::Event YmodemReceiver::fault() {
    if (++faults_ >= most_faults) {
        if (state_ != State::last_header) return fail_with(Error::io);
        state_ = State::over;  // the file is whole, and nobody is there to be told
        return Event::complete;
    }
    const bool first = state_ == State::header || state_ == State::first_data || state_ == State::last_header;
    say(first ? with_crc : nak);
    return Event::none;
}

YmodemReceiver::Event YmodemReceiver::fail_with(Error why) {
    cancel();
    why_ = why;
    return Event::failed;
}

void YmodemReceiver::say(std::uint8_t byte) {
    if (reply_bytes_ < reply_.size()) reply_[reply_bytes_++] = byte;
}

}  // namespace sb
