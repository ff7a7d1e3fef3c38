#include "core/base/cbor.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

TEST(Cbor, ReadsEveryWidthOfIntegers) {
    struct Case {
        Buffer in;
        std::uint64_t value;
    };
    for (const auto& [in, value] : std::initializer_list<Case>{
             {{0x00}, 0},
             {{0x17}, 23},
             {{0x18, 24}, 24},
             {{0x18, 255}, 255},
             {{0x19, 1, 0}, 256},
             {{0x19, 255, 255}, 65535},
             {{0x1A, 0, 1, 0, 0}, 65536},
             {{0x1A, 255, 255, 255, 255}, 0xFFFFFFFF},
             {{0x1B, 0, 0, 0, 1, 0, 0, 0, 0}, 0x100000000},
             {{0x1B, 1, 2, 3, 4, 5, 6, 7, 8}, 0x0102030405060708},
         }) {
        CborReader r(in);
        EXPECT_EQ(r.peek(), CborType::unsigned_int);
        EXPECT_EQ(r.unsigned64(), value);
        EXPECT_TRUE(r.finish());
        CborReader again(in);
        const std::uint32_t small = again.unsigned32();
        EXPECT_EQ(again.error(), value >> 32 == 0 ? Error::none : Error::overflow);
        EXPECT_EQ(small, value >> 32 == 0 ? value : 0);
    }
}

TEST(Cbor, ReadsIntegersOfBothSigns) {
    struct Case {
        Buffer in;
        std::int32_t value;
        Error error;
    };
    for (const auto& [in, value, error] : std::initializer_list<Case>{
             {{0x20}, -1, Error::none},
             {{0x2F}, -16, Error::none},
             {{0x38, 0xFF}, -256, Error::none},
             {{0x07}, 7, Error::none},
             {{0x1A, 0x7F, 255, 255, 255}, 2147483647, Error::none},
             {{0x3A, 0x7F, 255, 255, 255}, -2147483647 - 1, Error::none},
             {{0x1A, 0x80, 0, 0, 0}, 0, Error::overflow},
             {{0x3A, 0x80, 0, 0, 0}, 0, Error::overflow},
             {{0x40}, 0, Error::malformed},
         }) {
        CborReader r(in);
        EXPECT_EQ(r.integer(), value);
        EXPECT_EQ(r.error(), error);
    }
}

// RFC 8949 §4.2.1: the shortest head, definite lengths; §3: 28 to 30 are reserved.
TEST(Cbor, RefusesEveryOtherEncodingOfALength) {
    struct Case {
        Buffer in;
        Error error;
    };
    const Buffer body(300, 0);
    for (const int major : {0, 1, 2, 3, 4, 5, 6}) {
        const auto first = [major](int info) { return static_cast<std::uint8_t>(major << 5 | info); };
        for (const auto& [in, error] : std::initializer_list<Case>{
                 {{first(24), 0}, Error::non_canonical},
                 {{first(24), 23}, Error::non_canonical},
                 {{first(25), 0, 255}, Error::non_canonical},
                 {{first(26), 0, 0, 255, 255}, Error::non_canonical},
                 {{first(27), 0, 0, 0, 0, 255, 255, 255, 255}, Error::non_canonical},
                 {{first(28)}, Error::malformed},
                 {{first(29)}, Error::malformed},
                 {{first(30)}, Error::malformed},
                 {{first(31)}, Error::non_canonical},
             }) {
            Buffer whole = in;
            whole.insert(whole.end(), body.begin(), body.end());
            CborReader r(whole);
            switch (major) {
                case 0:
                    EXPECT_EQ(r.unsigned64(), 0U);
                    break;
                case 1:
                    EXPECT_EQ(r.integer(), 0);
                    break;
                case 2:
                    EXPECT_TRUE(r.bytes().empty());
                    break;
                case 3:
                    EXPECT_TRUE(r.text().empty());
                    break;
                case 4:
                    EXPECT_EQ(r.array(), 0U);
                    break;
                case 5:
                    EXPECT_EQ(r.map(), 0U);
                    break;
                default:
                    EXPECT_EQ(r.tag(), 0U);
                    break;
            }
            EXPECT_EQ(r.error(), error) << "major " << major << " info " << (in[0] & 31);
            EXPECT_EQ(r.offset(), 0U);
        }
    }
}

TEST(Cbor, EveryTruncationOfAHeadIsTruncated) {
    const Buffer whole = {0x1B, 1, 2, 3, 4, 5, 6, 7, 8};
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CborReader r(Bytes(whole).first(n));
        EXPECT_EQ(r.unsigned64(), 0U);
        EXPECT_EQ(r.error(), Error::truncated) << n;
    }
}

TEST(Cbor, StringsAndCountsNeverReachBeyondTheInput) {
    struct Case {
        Buffer in;
        CborType type;
        Error error;
    };
    for (const auto& [in, type, error] : std::initializer_list<Case>{
             {{0x43, 1, 2, 3}, CborType::bytes, Error::none},
             {{0x43, 1, 2}, CborType::bytes, Error::truncated},
             {{0x5B, 255, 255, 255, 255, 255, 255, 255, 255}, CborType::bytes, Error::truncated},
             {{0x62, 'o', 'k'}, CborType::text, Error::none},
             {{0x7A, 255, 255, 255, 255}, CborType::text, Error::truncated},
             {{0x82, 1, 2}, CborType::array, Error::none},
             {{0x83, 1, 2}, CborType::array, Error::truncated},
             {{0x9B, 128, 0, 0, 0, 0, 0, 0, 0}, CborType::array, Error::truncated},
             {{0xA1, 1, 2}, CborType::map, Error::none},
             {{0xA2, 1, 2, 3}, CborType::map, Error::truncated},
             {{0xBB, 128, 0, 0, 0, 0, 0, 0, 1}, CborType::map, Error::truncated},
         }) {
        CborReader r(in);
        EXPECT_EQ(r.peek(), type);
        if (type == CborType::bytes) {
            EXPECT_EQ(r.bytes().size(), error == Error::none ? 3U : 0U);
        }
        if (type == CborType::text) {
            EXPECT_EQ(r.text().size(), error == Error::none ? 2U : 0U);
        }
        if (type == CborType::array) {
            EXPECT_EQ(r.array(), error == Error::none ? 2U : 0U);
        }
        if (type == CborType::map) {
            EXPECT_EQ(r.map(), error == Error::none ? 1U : 0U);
        }
        EXPECT_EQ(r.error(), error);
    }
}

TEST(Cbor, AnnouncedLengthIsReadBeforeTheBytesAreThere) {
    const Buffer in = {0x59, 0x02, 0x00};
    CborReader r(in);
    EXPECT_EQ(r.bytes_head(), 512U);
    EXPECT_TRUE(r.ok());
    const Buffer huge = {0x5B, 0, 0, 0, 1, 0, 0, 0, 0};
    CborReader h(huge);
    EXPECT_EQ(h.bytes_head(), 0U);
    EXPECT_EQ(h.error(), Error::overflow);
}

TEST(Cbor, FixedSizeStringMustHaveThatSize) {
    const Buffer in = {0x42, 7, 8};
    std::array<std::uint8_t, 2> two{};
    CborReader(in).bytes_into(two);
    EXPECT_EQ(two, (std::array<std::uint8_t, 2>{7, 8}));
    std::array<std::uint8_t, 3> three{9, 9, 9};
    CborReader r(in);
    r.bytes_into(three);
    EXPECT_EQ(r.error(), Error::malformed);
    EXPECT_EQ(three[0], 9) << "nothing is copied after an error";
}

TEST(Cbor, TakesSimpleValuesAndNoFloats) {
    struct Case {
        Buffer in;
        std::uint8_t value;
        Error error;
    };
    for (const auto& [in, value, error] : std::initializer_list<Case>{
             {{0xF4}, 20, Error::none},
             {{0xF6}, 22, Error::none},
             {{0xF8, 32}, 0, Error::unsupported},
             {{0xF9, 0, 0}, 0, Error::unsupported},
             {{0xFB, 0, 0, 0, 0, 0, 0, 0, 0}, 0, Error::unsupported},
             {{0xFF}, 0, Error::non_canonical},
             {{0x01}, 0, Error::malformed},
         }) {
        CborReader r(in);
        EXPECT_EQ(r.simple(), value);
        EXPECT_EQ(r.error(), error);
    }
}

TEST(Cbor, FirstErrorStaysAndNothingMovesAfterIt) {
    const Buffer in = {0x01, 0x41, 5};
    CborReader r(in);
    EXPECT_TRUE(r.bytes().empty());
    EXPECT_EQ(r.error(), Error::malformed);
    EXPECT_EQ(r.unsigned64(), 0U);
    EXPECT_EQ(r.peek(), CborType::none);
    r.fail(Error::io);
    EXPECT_EQ(r.error(), Error::malformed);
    EXPECT_EQ(r.offset(), 0U);
    EXPECT_EQ(r.finish().error(), Error::malformed);
}

TEST(Cbor, BytesBehindTheLastItemAreAnError) {
    const Buffer in = {0x01, 0x02};
    CborReader r(in);
    r.expect_unsigned(1);
    EXPECT_EQ(r.finish().error(), Error::trailing_data);
}

TEST(Cbor, ExpectationsNameTheirError) {
    const Buffer in = {0x82, 0x01, 0x02};
    CborReader r(in);
    r.expect_array(2);
    r.expect_unsigned(1);
    EXPECT_TRUE(r.ok());
    r.expect_unsigned(3, Error::wrong_class);
    EXPECT_EQ(r.error(), Error::wrong_class);
    CborReader a(in);
    a.expect_array(3, Error::unsupported);
    EXPECT_EQ(a.error(), Error::unsupported);
}

TEST(Cbor, MapKeysMustRiseInBytewiseOrder) {
    struct Case {
        Buffer keys;
        Error error;
    };
    for (const auto& [keys, error] : std::initializer_list<Case>{
             {{0x01, 0x02, 0x0E, 0x18, 0x18, 0x20, 0x38, 0xFF}, Error::none},
             {{0x01, 0x01}, Error::duplicate_key},
             {{0x02, 0x01}, Error::duplicate_key},
             {{0x20, 0x01}, Error::duplicate_key},
             {{0x18, 0x18, 0x17}, Error::duplicate_key},
             {{0x38, 0xFF, 0x38, 0xFE}, Error::duplicate_key},
             {{0x18, 0x01}, Error::non_canonical},
         }) {
        CborReader r(keys);
        CborKeyOrder order;
        while (r.ok() && r.offset() < keys.size()) (void)order.integer(r);
        EXPECT_EQ(r.error(), error);
    }
}

}  // namespace
}  // namespace sb
