#include "tools/diff/big_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sb::diff {
namespace {

TEST(BigBuffer, HoldsWhatItWasMadeForAndWhatIsLeftOfIt) {
    for (const std::size_t bytes : {1U, 4096U, 1572863U, 1572864U, 3670015U, 3670016U, 5000001U}) {
        BigBuffer buffer(bytes, bytes % 2 == 0 ? BigBuffer::quick : std::size_t{3} << 19);
        ASSERT_EQ(buffer.size(), bytes);
        std::ranges::fill(buffer.all(), std::uint8_t{7});
        const std::size_t less = bytes / 3;
        buffer.shrink(less);
        ASSERT_EQ(buffer.size(), less);
        BigBuffer moved = std::move(buffer);
        EXPECT_EQ(std::ranges::count(moved.all(), 7), static_cast<std::ptrdiff_t>(less)) << bytes;
    }
}

TEST(BigBuffer, OfNothingIsEmpty) {
    EXPECT_TRUE(BigBuffer().all().empty());
    BigBuffer buffer(100);
    buffer = BigBuffer(0);
    EXPECT_TRUE(buffer.all().empty());
}

}  // namespace
}  // namespace sb::diff
