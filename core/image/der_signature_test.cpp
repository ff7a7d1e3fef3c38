#include "core/image/der_signature.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer integer(const Buffer& value) {
    Buffer out = {0x02, static_cast<std::uint8_t>(value.size())};
    out.insert(out.end(), value.begin(), value.end());
    return out;
}

Buffer sequence(const Buffer& r, const Buffer& s) {
    Buffer out = {0x30, static_cast<std::uint8_t>(r.size() + s.size())};
    out.insert(out.end(), r.begin(), r.end());
    out.insert(out.end(), s.begin(), s.end());
    return out;
}

TEST(DerSignature, TakesIntegersOfEveryLength) {
    Buffer longest(33, 0xAB);
    longest[0] = 0;
    Signature signature;
    signature.fill(0x55);  // must be overwritten where the integer is short
    ASSERT_TRUE(parse_der_signature(sequence(integer({5}), integer(longest)), signature));
    for (std::size_t i = 0; i < 31; ++i) EXPECT_EQ(signature[i], 0);
    EXPECT_EQ(signature[31], 5);
    for (std::size_t i = 32; i < 64; ++i) EXPECT_EQ(signature[i], 0xAB);
}

TEST(DerSignature, RefusesEveryOtherEncoding) {
    const Buffer one = integer({1});
    Buffer behind = sequence(one, one);
    behind.push_back(0);
    Buffer inside = sequence(one, integer({1}));
    inside.push_back(7);
    ++inside[1];
    Buffer too_long(33, 0x11);
    Buffer long_form = {0x30, 0x81, 6, 2, 1, 1, 2, 1, 1};
    for (const Buffer& der :
         {Buffer{}, Buffer{0x30}, behind, inside, long_form, sequence(one, {}), sequence(integer({}), one),
          sequence(integer({0x80}), one), sequence(integer({0x00, 0x7F}), one), sequence(integer({0x00}), one),
          sequence(one, integer(too_long)), sequence(one, Buffer{0x02, 9, 1}), sequence(one, Buffer{0x03, 1, 1}),
          Buffer{0x31, 6, 2, 1, 1, 2, 1, 1}, Buffer{0x30, 5, 2, 1, 1, 2, 1, 1}, Buffer(73, 0x30)}) {
        Signature signature;
        EXPECT_FALSE(parse_der_signature(der, signature)) << testing::PrintToString(der);
    }
}

}  // namespace
}  // namespace sb
