#include "tools/diff/adler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/delta/vcdiff_header.hpp"

namespace sb::diff {
namespace {

TEST(Adler, IsTheSumOfTheCoreWhateverThePieces) {
    for (const std::size_t bytes : {0U, 1U, 15U, 16U, 17U, 4096U, 5552U, 70001U})
        for (const unsigned step : {0U, 7U}) {  // 0: every byte is 255, the largest sums
            std::vector<std::uint8_t> data(bytes);
            for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::uint8_t>(255 + i * step);
            for (const std::uint32_t first : {0U, 1U})
                for (const std::size_t piece : {1U, 33U, 4097U, 100000U}) {
                    Adler sum(first);
                    for (Bytes left = data; !left.empty(); left = left.subspan(std::min(left.size(), piece)))
                        sum.take(left.first(std::min(left.size(), piece)));
                    EXPECT_EQ(sum.value(), adler32(first, data)) << bytes << " in pieces of " << piece;
                }
        }
}

}  // namespace
}  // namespace sb::diff
