// core/link: the asking end of TFTP as a state machine without I/O or clock: datagrams go in with the
// port they came from, datagrams to send come out with the port they go to, and the caller says when a second passed.
//
//   TftpClient c;  c.start("UPDATE.SWB");  send(c);
//   for each datagram of the server's address:  event = c.take(port, datagram);  send(c);
//   for each second:                            event = c.tick();                send(c);
//   on Event::data: look at c.data(), and then c.accept() or c.cancel();  send(c);
//   send: if (!c.reply().empty()) to c.reply_port(), c.reply()
//
// A block is acknowledged only once it was used. What comes twice is not answered again at once, only when a second
// passed without progress: two ends that answer each copy would send everything twice from then on.
// Source of facts: RFC 1350 (protocol), RFC 1123 4.2.3.1 (what comes twice), RFC 2347, 2348, 2349 (options, their
// answer, blksize, tsize).
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

class TftpClient {
public:
    static constexpr std::uint16_t server_port = 69;
    /// What is asked for; a server that knows no options sends 512.
    static constexpr std::uint16_t block_bytes = 1024;
    static constexpr std::size_t most_name_bytes = 64;
    /// Seconds in a row without progress, each with another try, after which a transfer is given up.
    static constexpr unsigned most_silence = 10;

    enum class Event : std::uint8_t {
        none,
        data,      ///< data() is the file's next bytes; wants accept() or cancel()
        complete,  ///< the file is whole
        failed,    ///< why() says what was wrong; the server was told where it must be
    };

    /// Asks for `name` at `port`. Errors: too_large, malformed (empty, or with a zero): nothing is to be sent.
    [[nodiscard]] Result<void> start(std::string_view name, std::uint16_t port = server_port);
    /// A datagram of the server's address, whole; `from`: its port.
    [[nodiscard]] Event take(std::uint16_t from, Bytes datagram);
    /// A second passed.
    [[nodiscard]] Event tick();

    /// What was offered was used: complete, or none. Requires: the last event was data.
    [[nodiscard]] Event accept();
    /// The server shall give up. Nothing more is taken.
    void cancel();

    /// To be sent now, to reply_port(); empty: nothing. Good until the next call.
    [[nodiscard]] Bytes reply() const { return Bytes(reply_).first(reply_bytes_); }
    [[nodiscard]] std::uint16_t reply_port() const { return reply_port_; }
    /// At most block_bytes, in the datagram that was taken last.
    [[nodiscard]] Bytes data() const { return data_; }
    /// Of the file, where the server told it.
    [[nodiscard]] std::optional<std::uint32_t> size() const { return size_; }
    /// malformed: not this protocol, or more than was announced; truncated: less; too_large; io: too much silence, or
    /// the server refused: then server_error() is its code.
    [[nodiscard]] Error why() const { return why_; }
    [[nodiscard]] std::optional<std::uint16_t> server_error() const { return server_error_; }

private:
    /// asked: nothing came yet; opened: options are settled; data: blocks came; over: the end, `complete_` or not.
    enum class State : std::uint8_t { over, asked, opened, data };

    [[nodiscard]] Event take_options(Bytes options);
    [[nodiscard]] bool take_option(std::string_view name, std::string_view value);
    [[nodiscard]] Event take_data(std::uint16_t block, Bytes data);
    [[nodiscard]] Event take_error(Bytes datagram);
    [[nodiscard]] Event fail_with(Error why, std::uint16_t code);
    void ask();
    void acknowledge();
    void say_error(std::uint16_t code);
    void say(std::uint16_t number);
    void say(std::string_view text);

    std::array<std::uint8_t, 128> reply_{};
    std::array<char, most_name_bytes> name_{};
    Bytes data_{};
    std::size_t reply_bytes_ = 0;
    std::size_t name_bytes_ = 0;
    std::optional<std::uint32_t> size_{};
    std::optional<std::uint16_t> server_error_{};
    std::uint32_t received_ = 0;
    std::uint16_t reply_port_ = 0;
    std::uint16_t request_port_ = 0;
    std::uint16_t port_ = 0;  // the other end's; settled by the first thing that comes from there
    std::uint16_t block_size_ = 0;
    std::uint16_t last_block_ = 0;  // that was used
    std::uint8_t silence_ = 0;
    State state_ = State::over;
    bool offered_ = false;  // data() waits for accept()
    bool with_options_ = true;
    bool progress_ = false;  // since the last tick
    bool complete_ = false;
    Error why_ = Error::none;
};

}  // namespace sb
