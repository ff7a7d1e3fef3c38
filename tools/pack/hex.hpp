// tools/pack: bytes as hexadecimal digits and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb {

/// Lower-case digits.
[[nodiscard]] std::string to_hex(Bytes bytes);

/// Nothing when `text` holds anything but pairs of digits.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace sb
