#include "core/link/tftp.hpp"

namespace sb {

namespace {

constexpr std::uint16_t read_request = 1;
constexpr std::uint16_t data_packet = 3;
constexpr std::uint16_t acknowledgement = 4;
constexpr std::uint16_t error_packet = 5;
constexpr std::uint16_t options_packet = 6;

constexpr std::uint16_t not_defined = 0;
constexpr std::uint16_t illegal_operation = 4;
constexpr std::uint16_t unknown_transfer = 5;
constexpr std::uint16_t options_refused = 8;

constexpr std::size_t head_bytes = 4;
constexpr std::uint16_t plain_block_bytes = 512;
constexpr std::uint16_t least_block_bytes = 8;  // RFC 2348

constexpr std::string_view mode = "octet";
constexpr std::string_view block_size_option = "blksize";
constexpr std::string_view block_size_wanted = "1024";
static_assert(TftpClient::block_bytes == 1024);
constexpr std::string_view size_option = "tsize";

/// A decimal number and nothing else.
std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    if (text.empty()) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
        if (value > UINT32_MAX) return std::nullopt;
    }
    return static_cast<std::uint32_t>(value);
}

/// Names of options are the same in upper and lower case (RFC 2347).
bool same_name(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (c != lower[i]) return false;
    }
    return true;
}

/// The text up to the next zero, which is taken off `from`; none where there is no zero.
std::optional<std::string_view> take_text(Bytes& from) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i] != 0) continue;
        const std::string_view text(static_cast<const char*>(static_cast<const void*>(from.data())), i);
        from = from.subspan(i + 1);
        return text;
    }
    return std::nullopt;
}

}  // namespace

Result<void> TftpClient::start(std::string_view name, std::uint16_t port) {
    reply_bytes_ = 0;
    state_ = State::over;
    complete_ = offered_ = false;
    if (name.empty()) return fail(Error::malformed);
    if (name.size() > most_name_bytes) return fail(Error::too_large);
    for (const char c : name) {
        if (c == 0) return fail(Error::malformed);
    }
    name_bytes_ = name.copy(name_.data(), name.size());
    request_port_ = port_ = port;
    data_ = {};
    size_.reset();
    server_error_.reset();
    received_ = 0;
    last_block_ = 0;
    block_size_ = plain_block_bytes;
    silence_ = 0;
    progress_ = true;  // the first second is not yet one of silence
    with_options_ = true;
    why_ = Error::none;
    state_ = State::asked;
    ask();
    return {};
}

TftpClient::Event TftpClient::take(std::uint16_t from, Bytes datagram) {
    reply_bytes_ = 0;
    if (offered_ || (state_ == State::over && !complete_)) return Event::none;
    const std::uint16_t operation = datagram.size() < 2 ? std::uint16_t{0} : load_be<std::uint16_t>(datagram);
    reply_port_ = from;
    // Of another transfer: that one ends, ours goes on (RFC 1350, 4). Errors are not answered.
    if (state_ != State::asked && from != port_) {
        if (operation != error_packet) say_error(unknown_transfer);
        return Event::none;
    }
    if (state_ != State::over) port_ = from;
    if (operation == error_packet) return take_error(datagram);
    if (operation == options_packet) return take_options(datagram.subspan(2));
    if (operation == data_packet && datagram.size() >= head_bytes)
        return take_data(load_be<std::uint16_t>(datagram, 2), datagram.subspan(head_bytes));
    return fail_with(Error::malformed, illegal_operation);
}

TftpClient::Event TftpClient::take_error(Bytes datagram) {
    if (state_ == State::over) return Event::none;
    const std::uint16_t code = datagram.size() < head_bytes ? not_defined : load_be<std::uint16_t>(datagram, 2);
    // A server may refuse options; then it is asked once more without (RFC 2347).
    if (state_ == State::asked && with_options_ && code == options_refused) {
        with_options_ = false;
        progress_ = true;
        ask();
        return Event::none;
    }
    server_error_ = code;
    why_ = Error::io;
    state_ = State::over;
    return Event::failed;
}

TftpClient::Event TftpClient::take_options(Bytes options) {
    if (state_ == State::opened) return Event::none;  // our answer was lost: tick() says it again
    if (state_ != State::asked)
        return state_ == State::over ? Event::none : fail_with(Error::malformed, illegal_operation);
    while (!options.empty()) {
        const std::optional<std::string_view> name = take_text(options);
        const std::optional<std::string_view> value = name ? take_text(options) : std::nullopt;
        if (!value || !with_options_ || !take_option(*name, *value))
            return fail_with(Error::malformed, options_refused);
    }
    state_ = State::opened;
    progress_ = true;
    acknowledge();
    return Event::none;
}

/// A server may answer with less than was asked for, with no more, and with nothing else.
bool TftpClient::take_option(std::string_view name, std::string_view value) {
    const std::optional<std::uint32_t> number = number_of(value);
    if (!number) return false;
    if (same_name(name, size_option)) {
        size_ = number;
        return true;
    }
    if (!same_name(name, block_size_option) || *number < least_block_bytes || *number > block_bytes) return false;
    block_size_ = static_cast<std::uint16_t>(*number);
    return true;
}

TftpClient::Event TftpClient::take_data(std::uint16_t block, Bytes data) {
    if (state_ == State::over) {  // our last answer was lost
        if (block == last_block_) acknowledge();
        return Event::none;
    }
    // Numbers wrap to 0. Any other than the next is a copy of what was used.
    if (block != static_cast<std::uint16_t>(last_block_ + 1)) return Event::none;
    if (data.size() > block_size_) return fail_with(Error::malformed, illegal_operation);
    if (data.size() > UINT32_MAX - received_) return fail_with(Error::too_large, not_defined);
    const std::uint32_t behind = received_ + static_cast<std::uint32_t>(data.size());
    const bool last = data.size() < block_size_;
    if (size_ && behind > *size_) return fail_with(Error::malformed, not_defined);
    if (size_ && last && behind < *size_) return fail_with(Error::truncated, not_defined);
    state_ = State::data;
    data_ = data;
    offered_ = true;
    return data.empty() ? accept() : Event::data;
}

TftpClient::Event TftpClient::accept() {
    reply_bytes_ = 0;
    offered_ = false;
    progress_ = true;
    received_ += static_cast<std::uint32_t>(data_.size());
    ++last_block_;
    acknowledge();
    if (data_.size() == block_size_) return Event::none;
    state_ = State::over;
    complete_ = true;
    return Event::complete;
}

void TftpClient::cancel() {
    reply_bytes_ = 0;
    offered_ = false;
    if (state_ == State::opened || state_ == State::data) say_error(not_defined);
    reply_port_ = port_;
    state_ = State::over;
}

TftpClient::Event TftpClient::tick() {
    reply_bytes_ = 0;
    if (state_ == State::over || offered_) return Event::none;
    if (progress_) {
        progress_ = false;
        silence_ = 0;
        return Event::none;
    }
    if (++silence_ == most_silence) return fail_with(Error::io, not_defined);
    if (state_ == State::asked) {
        ask();
    } else {
        acknowledge();
    }
    return Event::none;
}

TftpClient::Event TftpClient::fail_with(Error why, std::uint16_t code) {
    if (state_ == State::over) return Event::none;
    reply_bytes_ = 0;
    reply_port_ = port_;
    if (why != Error::io) say_error(code);
    why_ = why;
    state_ = State::over;
    return Event::failed;
}

void TftpClient::ask() {
    reply_bytes_ = 0;
    reply_port_ = request_port_;
    say(read_request);
    say(std::string_view(name_.data(), name_bytes_));
    say(mode);
    if (!with_options_) return;
    say(block_size_option);
    say(block_size_wanted);
    say(size_option);
    say("0");
}

void TftpClient::acknowledge() {
    reply_bytes_ = 0;
    reply_port_ = port_;
    say(acknowledgement);
    say(last_block_);
}

void TftpClient::say_error(std::uint16_t code) {
    reply_bytes_ = 0;
    say(error_packet);
    say(code);
    say("");
}

void TftpClient::say(std::uint16_t number) {
    reply_[reply_bytes_++] = static_cast<std::uint8_t>(number >> 8U);
    reply_[reply_bytes_++] = static_cast<std::uint8_t>(number);
}

/// And a zero behind it.
void TftpClient::say(std::string_view text) {
    for (const char c : text) reply_[reply_bytes_++] = static_cast<std::uint8_t>(c);
    reply_[reply_bytes_++] = 0;
}

}  // namespace sb
