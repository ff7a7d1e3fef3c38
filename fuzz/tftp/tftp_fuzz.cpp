// Any datagrams at all from a server: never more data than was announced or than a block holds, an answer to all that
// was taken, none to what is over, an end after so many silent seconds. Input: a byte of what happens (0: a second
// passes; 1: a datagram of the transfer; 2: one of another port; 3: the block that is wanted), then for the last three
// a byte of length and so many bytes.
#include <cstdlib>
#include <vector>

#include "core/link/tftp.hpp"

namespace {

using namespace sb;
using Event = TftpClient::Event;

void require(bool holds) {
    if (!holds) std::abort();
}

constexpr std::uint16_t transfer = 40'000;

class Server {
public:
    Server() { require(client_.start("file").has_value() && client_.reply().size() <= 128); }

    void send(std::uint16_t from, Bytes datagram) {
        const std::vector<std::uint8_t> exact(datagram.begin(), datagram.end());  // so that reading beyond is seen
        const Event event = client_.take(from, exact);
        if (event == Event::data) {
            require(!over_ && (taken_ == 0 || from == from_) && client_.reply().empty() && !client_.data().empty());
            from_ = from;
            require(client_.data().size() <= TftpClient::block_bytes);
            take();
        } else {
            hear(event);
        }
    }
    void send_wanted(Bytes data) {
        std::vector<std::uint8_t> datagram = {0, 3, static_cast<std::uint8_t>(block_ >> 8U),
                                              static_cast<std::uint8_t>(block_)};
        datagram.insert(datagram.end(), data.begin(), data.end());
        send(transfer, datagram);
    }
    void wait() { hear(client_.tick()); }
    [[nodiscard]] bool over() const { return over_; }

private:
    void take() {
        taken_ += client_.data().size();
        require(!client_.size() || taken_ <= *client_.size());
        const Event event = client_.accept();
        require(client_.reply().size() == 4);
        ++block_;
        hear(event);
    }
    void hear(Event event) {
        require(client_.reply().size() <= 128);
        if (event == Event::complete) require(!over_ && (!client_.size() || taken_ == *client_.size()));
        if (event == Event::failed) require(!over_ && client_.why() != Error::none);
        over_ = over_ || event == Event::complete || event == Event::failed;
    }

    TftpClient client_;
    std::size_t taken_ = 0;
    std::uint16_t block_ = 1;
    std::uint16_t from_ = 0;  // of the data
    bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes in(data, size);
    Server server;
    while (!in.empty()) {
        const std::uint8_t what = in[0];
        in = in.subspan(1);
        if (what % 4 == 0 || in.empty()) {
            server.wait();
            continue;
        }
        const std::size_t length = in[0] < in.size() - 1 ? in[0] : in.size() - 1;
        const Bytes datagram = in.subspan(1, length);
        in = in.subspan(1 + length);
        if (what % 4 == 3) {
            server.send_wanted(datagram);
        } else {
            server.send(what % 4 == 1 ? transfer : std::uint16_t{777}, datagram);
        }
    }
    for (unsigned i = 0; i <= TftpClient::most_silence; ++i) server.wait();
    require(server.over());
    return 0;
}
