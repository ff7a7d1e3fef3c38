#include "ports/lwip/network.hpp"

#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "netif/ethernet.h"
#include "ports/ethernet.hpp"
#include "ports/port.hpp"

extern "C" {

/// Milliseconds, modulo 2^32. Asked for at each poll(), so that no wrap of the microseconds is missed.
u32_t sys_now() {
    static std::uint32_t last = 0;
    static std::uint32_t rest = 0;
    static std::uint32_t milliseconds = 0;
    const std::uint32_t now = sb::port::microseconds();
    rest += now - last;
    last = now;
    milliseconds += rest / 1000;
    rest %= 1000;
    return milliseconds;
}

/// For numbers of DHCP's requests and of ports, which shall differ from start to start: what the clock says as frames
/// come in. Nothing secret depends on it. xorshift32 (Marsaglia, 2003).
unsigned long sb_lwip_random() {
    static std::uint32_t state = 2463534242U;
    state ^= sb::port::microseconds();
    if (state == 0) state = 1;
    state ^= state << 13U;
    state ^= state >> 17U;
    state ^= state << 5U;
    return state;
}
}

namespace sb {

namespace {

constexpr std::uint16_t mtu = 1500;
constexpr int most_frames_a_poll = 4;
constexpr std::uint16_t first_own_port = 49152;  // those for such uses (RFC 6335, 6)

netif interface;
udp_pcb* socket = nullptr;
ip_addr_t peer;
DatagramTaker* taker_of = nullptr;

err_t send_link(netif* /*interface*/, pbuf* frame) {
    constexpr std::uint32_t longest_wait = 2'000;  // a frame takes 1.2 ms at 10 Mbit/s
    if (frame->tot_len > port::most_sent_bytes) return ERR_BUF;
    const std::uint32_t from = port::microseconds();
    MutableBytes room = port::frame_to_send();
    while (room.empty()) {
        if (port::microseconds() - from > longest_wait) return ERR_IF;
        room = port::frame_to_send();
    }
    port::send_frame(pbuf_copy_partial(frame, room.data(), frame->tot_len, 0));
    return ERR_OK;
}

err_t set_up(netif* it) {
    const port::EthernetAddress own = port::ethernet_address();
    it->name[0] = 'e';
    it->name[1] = 'n';
    it->mtu = mtu;
    it->hwaddr_len = static_cast<u8_t>(own.size());
    copy(it->hwaddr, own);
    it->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    it->output = etharp_output;
    it->linkoutput = send_link;
    return ERR_OK;
}

/// lwIP reads the frame where it is and is done with it when it returns: nothing is put together or kept.
void take_frame(Bytes frame) {
    pbuf* const it =
        pbuf_alloc_reference(const_cast<std::uint8_t*>(frame.data()), static_cast<u16_t>(frame.size()), PBUF_REF);
    if (it == nullptr) return;
    if (interface.input(it, &interface) != ERR_OK) pbuf_free(it);
}

void take_datagram(void* /*argument*/, udp_pcb* /*socket*/, pbuf* datagram, const ip_addr_t* from, u16_t port) {
    if (taker_of != nullptr && ip_addr_cmp(from, &peer) && datagram->len == datagram->tot_len)
        taker_of->take(port, {static_cast<const std::uint8_t*>(datagram->payload), datagram->len});
    pbuf_free(datagram);
}

std::optional<Ip4> known(const ip4_addr_t& address) {
    if (ip4_addr_isany_val(address)) return std::nullopt;
    return lwip_ntohl(address.addr);
}

}  // namespace

void Network::start() {
    port::start_ethernet();
    lwip_init();
    netif_add(&interface, nullptr, nullptr, nullptr, nullptr, set_up, ethernet_input);
    netif_set_default(&interface);
    netif_set_up(&interface);
    dhcp_start(&interface);
}

void Network::poll() {
    for (int i = 0; i < most_frames_a_poll; ++i) {
        const Bytes frame = port::received_frame();
        if (frame.empty()) break;
        take_frame(frame);
        port::release_frame();
    }
    sys_check_timeouts();
}

std::optional<Ip4> Network::address() const {
    if (dhcp_supplied_address(&interface) == 0) return std::nullopt;
    return known(*netif_ip4_addr(&interface));
}

std::optional<Ip4> Network::next_server() const {
    if (dhcp_supplied_address(&interface) == 0) return std::nullopt;
    return known(netif_dhcp_data(&interface)->offered_si_addr);
}

Result<void> Network::open(Ip4 server, DatagramTaker& taker) {
    close();
    socket = udp_new();
    if (socket == nullptr) return fail(Error::io);
    const auto own = static_cast<u16_t>(first_own_port + sb_lwip_random() % (UINT16_MAX - first_own_port));
    if (udp_bind(socket, IP4_ADDR_ANY, own) != ERR_OK) {
        close();
        return fail(Error::io);
    }
    ip_addr_set_ip4_u32(&peer, lwip_htonl(server));
    taker_of = &taker;
    udp_recv(socket, take_datagram, nullptr);
    return {};
}

void Network::send(std::uint16_t to_port, Bytes datagram) {
    pbuf* const it = pbuf_alloc(PBUF_TRANSPORT, static_cast<u16_t>(datagram.size()), PBUF_RAM);
    if (it == nullptr) return;
    if (pbuf_take(it, datagram.data(), static_cast<u16_t>(datagram.size())) == ERR_OK)
        static_cast<void>(udp_sendto(socket, it, &peer, to_port));
    pbuf_free(it);
}

void Network::close() {
    taker_of = nullptr;
    if (socket != nullptr) udp_remove(socket);
    socket = nullptr;
}

}  // namespace sb
