// ports/lwip: a board's network, by lwIP over ports/ethernet.hpp: an address by DHCP, and datagrams to and from one
// server at a time. Nothing happens but in poll(), and nothing waits.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace sb {

/// IPv4, its first number on top.
using Ip4 = std::uint32_t;

/// Takes what a server sends. It may send and close from there.
class DatagramTaker {
public:
    virtual void take(std::uint16_t from_port, Bytes datagram) = 0;

protected:
    ~DatagramTaker() = default;
};

/// There is one network: what lwIP keeps is its own.
class Network {
public:
    /// Asks for an address. Called once, after port::start().
    void start();
    /// Looks after what came in and what is due. At most so many frames a call that a caller's own clock goes on.
    void poll();

    [[nodiscard]] std::optional<Ip4> address() const;
    /// Where DHCP's server says that files are.
    [[nodiscard]] std::optional<Ip4> next_server() const;

    /// From now on what `server` sends to a port of ours, chosen by chance, goes to `taker`. Errors: io.
    [[nodiscard]] Result<void> open(Ip4 server, DatagramTaker& taker);
    /// A datagram that cannot be sent is lost, as any may be. Requires: open().
    void send(std::uint16_t to_port, Bytes datagram);
    void close();
};

}  // namespace sb
