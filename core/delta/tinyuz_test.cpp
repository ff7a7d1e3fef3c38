#include "core/delta/tinyuz.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sb {
namespace {

/// Code, written down as it is explained in docs/format-delta.md: bits gather in bytes that stand where their first
/// bit was needed.
class Code {
public:
    Code& bits(const char* text) {
        for (; *text != 0; ++text) {
            if (*text == ' ') continue;
            if (count_ % 8 == 0) {
                open_ = bytes.size();
                bytes.push_back(0);
            }
            bytes[open_] = static_cast<std::uint8_t>(bytes[open_] | (*text - '0') << count_ % 8);
            ++count_;
        }
        return *this;
    }
    Code& byte(unsigned value) {
        bytes.push_back(static_cast<std::uint8_t>(value));
        return *this;
    }
    Code& literal(char value) { return bits("1").byte(static_cast<unsigned char>(value)); }
    Code& new_bits() {
        count_ = 0;
        return *this;
    }
    std::vector<std::uint8_t> bytes{};

private:
    std::size_t open_ = 0;
    unsigned count_ = 0;
};

struct UnpackedText {
    std::string text;
    Error error = Error::none;
    bool ended = false;
};

UnpackedText unpack(const Code& code, std::size_t dictionary_bytes = 64, std::size_t piece = 1000) {
    std::vector<std::uint8_t> dictionary(dictionary_bytes);
    Tinyuz tinyuz;
    tinyuz.start(dictionary);
    UnpackedText result;
    Bytes in = code.bytes;
    while (!tinyuz.ended()) {
        const auto step = tinyuz.decode(in.first(std::min(piece, in.size())), piece);
        if (!step) {
            result.error = step.error();
            return result;
        }
        in = in.subspan(step->consumed);
        result.text.append(step->made.begin(), step->made.end());
        if (step->consumed == 0 && step->made.empty()) return result;
    }
    result.ended = in.empty();
    return result;
}

// Lengths: pairs of a bit and whether another pair follows. 0: "00", 1: "10", 2: "01 00" ...
TEST(Tinyuz, RepeatsWhatStandsBefore) {
    Code code;
    code.literal('a').literal('b');
    code.bits("0 01 10 0").byte(2);  // a match of 2 + 3 at distance 2: "ababa"
    code.literal('c');
    code.bits("0 00 1");           // 2 bytes at the same distance: "ac"
    code.bits("0 01 10").byte(0);  // 3 at distance 0: the end
    for (const std::size_t piece : {1U, 2U, 1000U}) {
        const UnpackedText result = unpack(code, 64, piece);
        EXPECT_EQ(result.text, "abababacac");
        EXPECT_TRUE(result.ended);
    }
}

TEST(Tinyuz, HasLinesOfPlainBytes) {
    Code code;
    code.bits("0 10").byte(0).bits("100");  // 1 at distance 0: a line of 15 + 1
    for (const char c : std::string("sixteen letters!")) code.byte(static_cast<unsigned char>(c));
    code.bits("0 01 10 0").byte(0);
    const UnpackedText result = unpack(code);
    EXPECT_EQ(result.text, "sixteen letters!");
    EXPECT_TRUE(result.ended);
}

TEST(Tinyuz, ForgetsItsBitsAndItsDistanceWhereAClipEnds) {
    Code code;
    code.literal('a').literal('b');
    code.bits("0 00 0").byte(2);              // "ab"
    code.bits("0 01 00").byte(0).new_bits();  // 2 at distance 0
    code.literal('c').bits("0 00 1");         // at the same distance, which is 1 again
    code.bits("0 01 10").byte(0);
    EXPECT_EQ(unpack(code).text, "ababccc");
}

TEST(Tinyuz, ReadsFarDistances) {
    // 128 + (1 << 7 | 5): the byte has the low 7 bits, a group of two bits the rest
    Code code;
    for (int i = 0; i < 261; ++i) code.literal(static_cast<char>(i));
    code.bits("0 00 0").byte(0x85).bits("100");
    code.bits("0 01 10").byte(0);
    const UnpackedText result = unpack(code, 300);
    EXPECT_EQ(result.text.substr(261), (std::string{0, 1}));
    EXPECT_EQ(unpack(code, 260).error, Error::bad_patch);  // beyond the dictionary
}

TEST(Tinyuz, RefusesWhatNothingMeans) {
    Code before_start;
    before_start.literal('a').bits("0 00 0").byte(2);
    EXPECT_EQ(unpack(before_start).error, Error::bad_patch);
    Code unknown;
    unknown.bits("0 00").byte(0);
    EXPECT_EQ(unpack(unknown).error, Error::malformed);
    Code endless;
    endless.bits("0");
    for (int i = 0; i < 40; ++i) endless.bits("11");
    EXPECT_EQ(unpack(endless).error, Error::too_large);
}

TEST(Tinyuz, NeverShowsMemoryThatItDidNotWrite) {
    std::vector<std::uint8_t> dictionary(16, 0x77);
    Tinyuz tinyuz;
    tinyuz.start(dictionary);
    Code code;
    code.bits("0 00").byte(1);
    EXPECT_FALSE(tinyuz.decode(code.bytes, 10).has_value());
}

}  // namespace
}  // namespace sb
