// core/link: what a person types to have a file fetched: "tftp SERVER[:PORT] NAME", the server as four decimal numbers.
#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace sb {

struct TftpRequest {
    std::uint32_t server = 0;  ///< the address, its first number on top
    std::uint16_t port = 69;
    std::string_view name{};  ///< as it stands in the line
};

/// Errors: malformed.
[[nodiscard]] Result<TftpRequest> parse_tftp_request(std::string_view line);

}  // namespace sb
