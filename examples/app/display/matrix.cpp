#include "display/matrix.hpp"

#include "display/font.hpp"

namespace app {
namespace {

/// Where dot (x, y) is wired: scan row and column of the BBC micro:bit, version 1 (its schematic).
struct Wire {
    std::uint8_t row, column;
};
constexpr std::array<Wire, 25> wires{{
    {0, 0}, {1, 3}, {0, 1}, {1, 4}, {0, 2},  //
    {2, 3}, {2, 4}, {2, 5}, {2, 6}, {2, 7},  //
    {1, 1}, {0, 8}, {1, 2}, {2, 8}, {1, 0},  //
    {0, 7}, {0, 6}, {0, 5}, {0, 4}, {0, 3},  //
    {2, 2}, {1, 6}, {2, 0}, {1, 5}, {2, 1},
}};

constexpr std::uint32_t left_column = 0x108421U << 4;
constexpr std::uint32_t right_column = 0x108421U;

}  // namespace

void Matrix::text(std::string_view text) {
    next_length_ = text.size() < longest_text ? text.size() : longest_text;
    for (std::size_t i = 0; i < next_length_; ++i) next_text_[i] = text[i];
}

void Matrix::next_glyph() {
    if (at_ >= length_) {
        text_ = next_text_;
        length_ = next_length_;
        at_ = 0;
        glyph_ = 0;
        glyph_columns_ = 5;  // the old text runs out before the new one comes in
        return;
    }
    glyph_ = glyph(text_[at_++]);
    glyph_columns_ = glyph_width(glyph_) + 1;
}

void Matrix::advance() {
    if (glyph_columns_ == 0) next_glyph();
    // Everything one to the left; the glyph's leftmost column comes in at the right.
    dots_ = (dots_ & ~left_column) << 1;
    dots_ |= (glyph_ & left_column) >> 4;
    dots_ &= 0x1ffffff;
    glyph_ = (glyph_ & ~left_column) << 1;
    --glyph_columns_;
    static_assert((left_column >> 4) == right_column);
}

void Matrix::scan() {
    row_ = (row_ + 1) % 3;
    std::uint16_t columns = 0;
    for (std::size_t dot = 0; dot < wires.size(); ++dot) {
        const bool lit = (dots_ >> (24 - dot) & 1U) != 0;
        if (lit && wires[dot].row == row_) columns = static_cast<std::uint16_t>(columns | 1U << wires[dot].column);
    }
    pins_->show(row_, columns);
}

}  // namespace app
