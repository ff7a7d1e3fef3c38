#include "core/base/crc32.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace sb {
namespace {

Bytes text(std::string_view s) {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

// The check value that every catalogue of CRCs gives for CRC-32/ISO-HDLC.
TEST(Crc32, GivesTheCheckValue) {
    EXPECT_EQ(crc32(text("123456789")), 0xCBF43926U);
    EXPECT_EQ(crc32({}), 0U);
}

TEST(Crc32, GoesOnWhereItStopped) {
    EXPECT_EQ(crc32(text("6789"), crc32(text("12345"))), crc32(text("123456789")));
}

}  // namespace
}  // namespace sb
