// The SmartFusion2's Ethernet MAC, polled: a ring of two descriptors for what comes in, one for what goes out. The PHY
// is left as its pins set it up: it negotiates by itself.
#include "ports/ethernet.hpp"
#include "ports/smartfusion2/registers.hpp"

namespace sb::port {

namespace {

using smartfusion2::reg;
namespace emac = smartfusion2::emac;

constexpr std::size_t longest_frame = 1536;
constexpr std::size_t ring_size = 2;
constexpr std::uint32_t size_mask = 0x7FF;
/// In a descriptor's size: of a received one that the MAC may fill it, of a sent one that it is gone.
constexpr std::uint32_t empty = 1U << 31U;

struct Descriptor {
    std::uint32_t frame;
    std::uint32_t size;
    std::uint32_t next;
};

template <class T>
std::uint32_t address_of(T& object) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&object));
}

struct Received {
    alignas(4) std::array<std::uint8_t, longest_frame> frame;
    volatile Descriptor descriptor;
};
std::array<Received, ring_size> ring;
std::size_t oldest = 0;  // in the ring

alignas(4) std::array<std::uint8_t, most_sent_bytes> out;
volatile Descriptor sent;

void listen() {
    reg(emac::rx_status) = emac::overflow;
    reg(emac::rx_descriptor) = address_of(ring[oldest].descriptor);
    reg(emac::rx_control) = emac::dma_enabled;
}

}  // namespace

/// Locally administered; a product gives each board its own.
EthernetAddress ethernet_address() {
    return {0x02, 0x53, 0x42, 0x00, 0x00, 0x01};
}

void start_ethernet() {
    const EthernetAddress own = ethernet_address();
    reg(emac::config1) = 0;
    reg(emac::config2) = emac::full_duplex_padded;
    reg(emac::address_high) = load_be<std::uint32_t>(own);
    reg(emac::address_low) = static_cast<std::uint32_t>(load_be<std::uint16_t>(own, 4)) << 16U;
    reg(emac::fifo_config0) = emac::all_fifos;
    reg(emac::fifo_config5) = emac::no_filter;
    for (std::size_t i = 0; i < ring_size; ++i) {
        ring[i].descriptor.frame = address_of(ring[i].frame);
        ring[i].descriptor.size = empty;
        ring[i].descriptor.next = address_of(ring[(i + 1) % ring_size].descriptor);
    }
    sent.frame = address_of(out);
    sent.size = empty;
    sent.next = address_of(sent);
    reg(emac::config1) = emac::receive_and_transmit;
    listen();
}

Bytes received_frame() {
    const std::uint32_t size = ring[oldest].descriptor.size;
    if ((size & empty) == 0) return Bytes(ring[oldest].frame).first((size & size_mask) % (longest_frame + 1));
    // It stops when it finds no room. To tell it to go on rewinds it, so that waits until it has nothing left to fetch.
    if ((reg(emac::rx_control) & emac::dma_enabled) == 0) listen();
    return {};
}

void release_frame() {
    ring[oldest].descriptor.size = empty;
    reg(emac::rx_status) = emac::one_packet;
    oldest = (oldest + 1) % ring_size;
}

MutableBytes frame_to_send() {
    if ((sent.size & empty) == 0) return {};
    return out;
}

void send_frame(std::size_t bytes) {
    reg(emac::tx_status) = emac::one_packet | emac::underrun;
    sent.size = static_cast<std::uint32_t>(bytes);
    reg(emac::tx_descriptor) = address_of(sent);
    reg(emac::tx_control) = emac::dma_enabled;
}

}  // namespace sb::port
