// tools/layout: sizes as people write them: 4096, 0x1000, 16K, 1M. Used by layout files and by the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sb {

/// The number that `text` means: decimal or 0x…, with an optional K (1024), M (1024²) or G. Nothing when it is not
/// a size or does not fit 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// "480K", "1M" where that is exact, else the plain number.
[[nodiscard]] std::string show_size(std::uint64_t bytes);

}  // namespace sb
