// sim/device: what the links of the field do to a download: how large a piece they carry and how long one takes.
// For estimates; the protocols themselves are the business of core/link.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sb::sim {

struct LinkModel {
    std::string_view name;
    std::uint32_t piece_bytes;  ///< payload of one message
    double bits_per_second;     ///< while it is on the air or on the wire
    double seconds_per_piece;   ///< waiting that each message costs: turnaround, latency, duty cycle
    std::string_view facts;     ///< what the numbers assume
};

[[nodiscard]] std::span<const LinkModel> link_models();
[[nodiscard]] std::optional<LinkModel> find_link(std::string_view name);

}  // namespace sb::sim
