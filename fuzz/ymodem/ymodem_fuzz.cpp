// Any bytes at all from a sender: never more data than was announced, always an answer to what was taken, an end after
// so many faults. Input: a byte of what happens (0: the next byte comes in; 1: silence; 2: a block follows, its number
// and payload of 3 bytes, whose checksum is made right), then what it needs.
#include <cstdlib>

#include "core/link/ymodem.hpp"

namespace {

using namespace sb;
using Event = YmodemReceiver::Event;

void require(bool holds) {
    if (!holds) std::abort();
}

class Peer {
public:
    Peer() { receiver_.start(); }

    void hear(Event event) {
        require(receiver_.reply().size() <= 4);
        if (event == Event::file) {
            require(!began_ && !receiver_.name().empty());
            began_ = true;
        }
        if (event == Event::data) {
            require(began_ && !receiver_.data().empty());
            taken_ += receiver_.data().size();
            require(!receiver_.size() || taken_ <= *receiver_.size());
        }
        if (event == Event::complete) require(began_ && (!receiver_.size() || taken_ == *receiver_.size()));
        if (event == Event::file || event == Event::data) {
            receiver_.accept();
            require(!receiver_.reply().empty());
        }
        if (over_) require(event == Event::none && receiver_.reply().empty());
        over_ = over_ || event == Event::complete || event == Event::cancelled || event == Event::failed;
    }
    void send(std::uint8_t byte) { hear(receiver_.take(byte)); }
    void be_silent() { hear(receiver_.silence()); }

    void send_block(std::uint8_t number, Bytes start) {
        std::array<std::uint8_t, 128> payload{};
        copy(payload, start);
        const std::uint16_t crc = crc16(payload);
        send(1);
        send(number);
        send(static_cast<std::uint8_t>(~number));
        for (const std::uint8_t byte : payload) send(byte);
        send(static_cast<std::uint8_t>(crc >> 8));
        send(static_cast<std::uint8_t>(crc));
    }
    [[nodiscard]] bool over() const { return over_; }
    [[nodiscard]] bool began() const { return began_; }

private:
    YmodemReceiver receiver_;
    std::size_t taken_ = 0;
    bool began_ = false;
    bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes in(data, size);
    Peer peer;
    while (!in.empty()) {
        const std::uint8_t what = in[0];
        in = in.subspan(1);
        if (what == 1) {
            peer.be_silent();
        } else if (what == 2 && in.size() >= 4) {
            peer.send_block(in[0], in.subspan(1, 3));
            in = in.subspan(4);
        } else if (!in.empty()) {
            peer.send(in[0]);
            in = in.subspan(1);
        }
    }
    for (unsigned i = 0; i < YmodemReceiver::most_faults; ++i) peer.be_silent();
    require(peer.over() || !peer.began());
    return 0;
}
