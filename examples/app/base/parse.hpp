// Reading what people type: words, numbers, fixed-point numbers, hexadecimal bytes, yes and no.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace app {

/// Takes the first word off `rest` (words are parted by blanks). Empty when nothing is left.
[[nodiscard]] std::string_view next_word(std::string_view& rest);

/// "-12", "0x1f". Nothing when there is anything else, or when it does not fit.
[[nodiscard]] std::optional<std::int32_t> parse_int(std::string_view s);

/// "-4.25" → -4250. At most three decimals; nothing when there is anything else, or when it does not fit.
[[nodiscard]] std::optional<std::int32_t> parse_thousandths(std::string_view s);

/// on/off, yes/no, true/false, 1/0.
[[nodiscard]] std::optional<bool> parse_switch(std::string_view s);

/// "01 03 00 10" or "01030010" → bytes. Nothing on an odd digit, a foreign character or when `out` is too small.
[[nodiscard]] std::optional<std::size_t> parse_hex_bytes(std::string_view s, std::span<std::uint8_t> out);

/// Does `word` begin `name`, with at least one letter? Commands may be shortened.
[[nodiscard]] bool abbreviates(std::string_view word, std::string_view name);

}  // namespace app
