#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "display/font.hpp"
#include "display/matrix.hpp"
#include "fake_board.hpp"

namespace app {
namespace {

TEST(Font, GlyphsDifferAndSmallLettersAreCapitals) {
    std::set<std::uint32_t> seen;
    for (char c = ' '; c <= '_'; ++c) seen.insert(glyph(c));
    EXPECT_GE(seen.size(), 63U);  // 8 and B may look alike, nothing else
    EXPECT_EQ(glyph('q'), glyph('Q'));
    EXPECT_EQ(glyph('\x7f'), 0x1ffffffU);
}

TEST(Font, WidthIsTheLastColumnUsed) {
    EXPECT_EQ(glyph_width(glyph('M')), 5);
    EXPECT_EQ(glyph_width(glyph('I')), 3);
    EXPECT_EQ(glyph_width(glyph('!')), 1);
    EXPECT_EQ(glyph_width(glyph(' ')), 2);
}

TEST(Matrix, TextRunsInFromTheRightAndOutToTheLeft) {
    FakePins pins;
    Matrix matrix(pins);
    matrix.text("T");
    for (int i = 0; i < 5; ++i) matrix.advance();
    EXPECT_EQ(matrix.dots(), 0U);
    matrix.advance();
    EXPECT_EQ(matrix.dots(), 1U << 20);  // the tip of the bar enters at the top right
    for (int i = 0; i < 4; ++i) matrix.advance();
    EXPECT_EQ(matrix.dots(), glyph('T'));
    for (int i = 0; i < 5; ++i) matrix.advance();
    EXPECT_EQ(matrix.dots(), 0U);
}

TEST(Matrix, AThreeRowScanLightsEachDotOnce) {
    FakePins pins;
    Matrix matrix(pins);
    matrix.text("M");
    for (int i = 0; i < 10; ++i) matrix.advance();
    for (int i = 0; i < 3; ++i) matrix.scan();
    int lit = 0;
    for (const std::uint16_t row : pins.rows) lit += std::popcount(row);
    EXPECT_EQ(lit, std::popcount(matrix.dots()));
    EXPECT_GT(lit, 8);
}

}  // namespace
}  // namespace app
