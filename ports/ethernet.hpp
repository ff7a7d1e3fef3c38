// ports: what a board with Ethernet gives besides ports/port.hpp. Frames are without checksum.
#pragma once

#include "core/base/bytes.hpp"

namespace sb::port {

using EthernetAddress = std::array<std::uint8_t, 6>;

/// The board's own.
[[nodiscard]] EthernetAddress ethernet_address();
/// Brings the controller up. Called once, after start().
void start_ethernet();
/// The frame that came in first, empty where there is none. Good until release_frame(), which a frame requires.
[[nodiscard]] Bytes received_frame();
void release_frame();
/// Room for a frame of up to most_sent_bytes; empty where the last one has not left yet.
[[nodiscard]] MutableBytes frame_to_send();
/// Sends the first `bytes` of that room.
void send_frame(std::size_t bytes);

inline constexpr std::size_t most_sent_bytes = 640;

}  // namespace sb::port
