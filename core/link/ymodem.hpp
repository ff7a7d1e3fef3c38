// core/link: the receiving end of YMODEM as a state machine without I/O or clock: bytes go in
// one by one, bytes to send come out, and the caller says when a second passed in silence. One file is taken.
//
//   YmodemReceiver r;  send(r.start());
//   for each byte:            event = r.take(byte);
//   for each silent second:   event = r.silence();
//   on Event::file and Event::data: look at r.name(), r.data(), and then r.accept() or r.cancel();
//   after each call: send(r.reply());
//
// A sender that hears nothing waits: a block is acknowledged only once it was used. Source of facts: Chuck Forsberg,
// "XMODEM/YMODEM Protocol Reference", 1988-10-14, chapters 4 to 8.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

class YmodemReceiver {
public:
    static constexpr std::size_t block_bytes = 1024;
    /// Faults in a row, silent seconds or bad blocks, after which a transfer that began is given up.
    static constexpr unsigned most_faults = 10;

    enum class Event : std::uint8_t {
        none,
        file,       ///< block 0: name() and size() are known; wants accept() or cancel()
        data,       ///< data() is the file's next bytes; wants accept() or cancel()
        complete,   ///< the file is whole; the sender has nothing more, or left without saying so
        cancelled,  ///< by the sender
        failed,     ///< why() says what was wrong; the sender was told
    };

    /// Asks the sender to begin.
    void start();
    [[nodiscard]] Event take(std::uint8_t byte);
    /// A second passed without a byte.
    [[nodiscard]] Event silence();

    /// What was offered was used. Requires: the last event was file or data.
    void accept();
    /// The sender shall give up. Nothing more is taken.
    void cancel();

    /// To be sent now; empty: nothing. Good until the next call.
    [[nodiscard]] Bytes reply() const { return Bytes(reply_).first(reply_bytes_); }
    /// Good until the next call, as it stands in the block.
    [[nodiscard]] std::string_view name() const;
    /// Of the file, where the sender told it. Without it the last block's padding is part of data().
    [[nodiscard]] std::optional<std::uint32_t> size() const { return size_; }
    [[nodiscard]] Bytes data() const { return Bytes(block_).first(data_bytes_); }
    /// malformed: not this protocol, or a second file; truncated: less than was announced; io: too many faults.
    [[nodiscard]] Error why() const { return why_; }
    /// Whether nothing has been taken since start().
    [[nodiscard]] bool waits() const { return state_ == State::header && faults_ == 0 && part_ == Part::kind; }

private:
    enum class State : std::uint8_t { header, first_data, data, end, last_header, over };
    enum class Part : std::uint8_t { kind, number, complement, payload, crc, noise };

    [[nodiscard]] Event take_kind(std::uint8_t byte);
    void take_payload(std::uint8_t byte);
    [[nodiscard]] Event take_crc(std::uint8_t byte);
    [[nodiscard]] Event take_block();
    [[nodiscard]] Event take_header();
    [[nodiscard]] Event take_data();
    [[nodiscard]] Event take_end();
    [[nodiscard]] bool read_header();
    [[nodiscard]] Event fault();
    [[nodiscard]] Event fail_with(Error why);
    void begin_block(std::size_t bytes);
    void say(std::uint8_t byte);
    void say_again();

    std::array<std::uint8_t, block_bytes> block_;
    std::array<std::uint8_t, 4> reply_{};
    std::size_t reply_bytes_ = 0;
    std::size_t wanted_ = 0;  // bytes of the block's payload
    std::size_t filled_ = 0;
    std::size_t data_bytes_ = 0;
    std::optional<std::uint32_t> size_;
    std::uint32_t received_ = 0;
    std::uint16_t crc_ = 0;
    std::uint16_t name_bytes_ = 0;
    std::uint8_t number_ = 0;
    std::uint8_t expected_ = 0;  // number of the next block
    std::uint8_t faults_ = 0;    // in a row
    std::uint8_t cancels_ = 0;   // CAN in a row
    State state_ = State::header;
    Part part_ = Part::kind;
    Error why_ = Error::none;
};

/// CRC-16 of XMODEM: 0x1021, start 0, not reflected.
[[nodiscard]] std::uint16_t crc16(Bytes data, std::uint16_t crc = 0);

}  // namespace sb
