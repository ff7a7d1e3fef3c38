#include "tools/diff/adler.hpp"

#include <algorithm>

namespace sb::diff {
namespace {

constexpr std::uint32_t base = 65521;
constexpr std::size_t lanes = 16;
constexpr std::size_t most_rows = 4096 / lanes;  // sums stay below 2^32

/// How often each byte of a row counts in the second sum.
constexpr std::array<std::int16_t, lanes> weights{16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

}  // namespace

void Adler::take(Bytes bytes) {
    while (bytes.size() >= lanes) {
        const std::size_t rows = std::min(bytes.size() / lanes, most_rows);
        std::uint32_t sum = 0, before = 0, weighted = 0;  // before: the sums before each row
        const std::uint8_t* at = bytes.data();
        for (std::size_t row = 0; row < rows; ++row, at += lanes) {
            std::int32_t plain = 0, graded = 0;
            for (std::size_t i = 0; i < lanes; ++i) {
                plain += at[i];
                graded += weights[i] * static_cast<std::int16_t>(at[i]);
            }
            before += sum;
            sum += static_cast<std::uint32_t>(plain);
            weighted += static_cast<std::uint32_t>(graded);
        }
        const std::uint64_t b = b_ + std::uint64_t{lanes} * rows * a_ + std::uint64_t{lanes} * before + weighted;
        b_ = static_cast<std::uint32_t>(b % base);
        a_ = (a_ + sum) % base;
        bytes = bytes.subspan(rows * lanes);
    }
    for (const std::uint8_t byte : bytes) {
        a_ = (a_ + byte) % base;
        b_ = (b_ + a_) % base;
    }
}

}  // namespace sb::diff
