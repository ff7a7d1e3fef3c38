// A running text on a five by five LED matrix. The matrix of the board is wired as three rows of nine; which dot
// is where is the board's own affair (`MatrixPins`).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ring.hpp"

namespace app {

/// Lights the dots of one scan row (0 … 2); bit n = wired column n.
class MatrixPins {
public:
    virtual void show(unsigned row, std::uint16_t columns) = 0;

protected:
    ~MatrixPins() = default;
};

class Matrix {
public:
    static constexpr std::size_t longest_text = 48;

    explicit Matrix(MatrixPins& pins) : pins_(&pins) {}

    /// The text to run from the next round on; cut at `longest_text`.
    void text(std::string_view text);
    /// Moves the text on by one column.
    void advance();
    /// Lights the next scan row: call it every few milliseconds.
    void scan();

    /// The dots that stand now, bit 24 the upper left one.
    [[nodiscard]] std::uint32_t dots() const { return dots_; }

private:
    void next_glyph();

    MatrixPins* pins_;
    std::array<char, longest_text> text_{};
    std::array<char, longest_text> next_text_{};
    std::size_t length_ = 0, next_length_ = 0;
    std::size_t at_ = 0;
    std::uint32_t dots_ = 0;
    std::uint32_t glyph_ = 0;
    int glyph_columns_ = 0;
    unsigned row_ = 0;
};

}  // namespace app
