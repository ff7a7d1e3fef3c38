// Letters of five by five dots, for the LED matrix. ASCII 32 … 95; small letters are shown as capitals.
#pragma once

#include <cstdint>

namespace app {

/// 25 dots, bit 24 the upper left one, row by row. A character that has no glyph gives a filled square.
[[nodiscard]] std::uint32_t glyph(char c);

/// Columns that the glyph uses, 1 … 5: the running text sets letters close together.
[[nodiscard]] int glyph_width(std::uint32_t dots);

}  // namespace app
