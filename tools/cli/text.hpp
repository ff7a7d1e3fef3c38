// tools/cli: values as text.
#pragma once

#include <string>

#include "tools/pack/hex.hpp"

namespace sb::cli {

/// `text` as it may stand on a terminal: what would move its cursor or change its colours is a question mark.
[[nodiscard]] std::string printable(std::string text);

/// "12.3 %" of `whole`; "-" when whole is 0.
[[nodiscard]] std::string percent(std::uint64_t part, std::uint64_t whole);

/// "1 try left", "2 tries left"
[[nodiscard]] std::string tries_left(unsigned tries);

}  // namespace sb::cli
