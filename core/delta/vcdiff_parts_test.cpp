// The parts of VCDIFF alone: numbers, code table, address cache, headers, checksum.
#include <gtest/gtest.h>

#include <vector>

#include "core/delta/vcdiff_cache.hpp"
#include "core/delta/vcdiff_header.hpp"
#include "core/delta/vcdiff_table.hpp"

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;

TEST(Base128, ReadsTheNumbersOfTheRfc) {
    const struct {
        Buffer bytes;
        std::uint32_t value;
    } cases[] = {{{0}, 0},
                 {{0x7f}, 127},
                 {{0x81, 0x00}, 128},
                 {{0xba, 0xef, 0x9a, 0x15}, 123456789},  // the example of RFC 3284, section 2
                 {{0x8f, 0xff, 0xff, 0xff, 0x7f}, 0xffffffff},
                 {{0x80, 0x80, 0x05}, 5}};
    Base128 number;
    for (const auto& c : cases) {
        for (std::size_t i = 0; i < c.bytes.size(); ++i) EXPECT_EQ(number.take(c.bytes[i]), i + 1 == c.bytes.size());
        EXPECT_EQ(number.whole_value(), c.value);
    }
}

TEST(Base128, RefusesNumbersFrom4GiB) {
    Base128 number;
    for (const std::uint8_t byte : Buffer{0x90, 0x80, 0x80, 0x80}) ASSERT_TRUE(number.take(byte).has_value());
    EXPECT_EQ(number.take(0x00).error(), Error::too_large);
}

/// The default code table as section 5.6 of the RFC builds it, loop by loop.
std::vector<VcdiffPair> table_of_the_rfc() {
    const auto one = [](VcdiffType type, unsigned bytes, unsigned mode = 0) {
        return VcdiffInstruction{static_cast<std::uint8_t>(static_cast<unsigned>(type) + mode),
                                 static_cast<std::uint8_t>(bytes)};
    };
    std::vector<VcdiffPair> table{{one(VcdiffType::run, 0), {}}};
    for (unsigned bytes = 0; bytes <= 17; ++bytes) table.push_back({one(VcdiffType::add, bytes), {}});
    for (unsigned mode = 0; mode < 9; ++mode) {
        table.push_back({one(VcdiffType::copy, 0, mode), {}});
        for (unsigned bytes = 4; bytes <= 18; ++bytes) table.push_back({one(VcdiffType::copy, bytes, mode), {}});
    }
    for (unsigned mode = 0; mode < 9; ++mode)
        for (unsigned added = 1; added <= 4; ++added)
            for (unsigned copied = 4; copied <= (mode < 6 ? 6U : 4U); ++copied)
                table.push_back({one(VcdiffType::add, added), one(VcdiffType::copy, copied, mode)});
    for (unsigned mode = 0; mode < 9; ++mode)
        table.push_back({one(VcdiffType::copy, 4, mode), one(VcdiffType::add, 1)});
    return table;
}

TEST(VcdiffTable, IsTheDefaultOneOfTheRfc) {
    const auto table = table_of_the_rfc();
    ASSERT_EQ(table.size(), 256U);
    for (unsigned code = 0; code < 256; ++code)
        EXPECT_EQ(vcdiff_instructions(static_cast<std::uint8_t>(code)), table[code]) << code;
}

TEST(VcdiffTable, KnowsTheKindOfAnInstruction) {
    const VcdiffInstruction copy = vcdiff_instructions(19 + 16 * 8).first;
    EXPECT_TRUE(copy.is_copy());
    EXPECT_TRUE(copy.is(VcdiffType::copy));
    EXPECT_EQ(copy.mode(), 8U);
    EXPECT_TRUE(vcdiff_instructions(0).first.is(VcdiffType::run));
    EXPECT_FALSE(vcdiff_instructions(0).first.is_copy());
    EXPECT_TRUE(vcdiff_instructions(0).second.is(VcdiffType::none));
}

class Cache : public ::testing::TestWithParam<std::uint32_t> {
protected:
    Buffer cells = Buffer(GetParam(), 0xa5);
    VcdiffCache cache{cells};
    void SetUp() override { cache.clear(); }
    /// What `mode` and `value` mean, or 0xffffffff for an error.
    std::uint32_t take(unsigned mode, std::uint32_t value, std::uint32_t here = 1000000) {
        return cache.take(mode, value, here) ? cache.latest() : ~0U;
    }
};

TEST_P(Cache, TakesAddressesInEveryMode) {
    EXPECT_EQ(take(vcdiff_mode_self, 5000), 5000U);      // near 0
    EXPECT_EQ(take(vcdiff_mode_here, 400, 1000), 600U);  // near 1
    EXPECT_EQ(take(vcdiff_mode_near, 7), 5007U);         // near 2
    EXPECT_EQ(take(vcdiff_mode_near + 1, 0), 600U);      // near 3
    EXPECT_EQ(take(vcdiff_mode_near + 2, 1), 5008U);     // near 0 again
    EXPECT_EQ(take(vcdiff_mode_near, 0), 5008U);
    EXPECT_EQ(take(vcdiff_mode_same + 5008 % 768 / 256, 5008 % 256), 5008U);
    EXPECT_EQ(take(vcdiff_mode_same + 600 / 256, 600 % 256), 600U);
    EXPECT_EQ(take(vcdiff_mode_same, 1), 0U);  // nothing was put there
}

TEST_P(Cache, RefusesAddressesThatAreNotYetMade) {
    EXPECT_EQ(cache.take(vcdiff_mode_self, 10, 10).error(), Error::bad_patch);
    EXPECT_EQ(cache.take(vcdiff_mode_self, 0, 0).error(), Error::bad_patch);
    EXPECT_EQ(cache.take(vcdiff_mode_here, 0, 10).error(), Error::bad_patch);
    EXPECT_EQ(cache.take(vcdiff_mode_here, 11, 10).error(), Error::bad_patch);
    ASSERT_TRUE(cache.take(vcdiff_mode_self, 9, 10).has_value());
    EXPECT_EQ(cache.take(vcdiff_mode_near, 1, 10).error(), Error::bad_patch);
    EXPECT_EQ(cache.take(vcdiff_mode_near, ~0U - 8, 10).error(), Error::bad_patch);  // the sum would wrap
}

TEST_P(Cache, ForgetsAllBetweenWindows) {
    ASSERT_TRUE(cache.remember(77777).has_value());
    cache.clear();
    EXPECT_EQ(cache.near(0), 0U);
    EXPECT_EQ(cache.same(77777 % 768), 0U);
    EXPECT_EQ(cache.next_near(), 0U);
}

TEST_P(Cache, SaysWhatAddressItCannotHold) {
    const std::uint32_t limit = GetParam() == vcdiff_small_cache_bytes ? 65535U * 768 : ~0U;
    EXPECT_TRUE(cache.remember(limit - 1).has_value());
    EXPECT_EQ(cache.same((limit - 1) % 768), limit - 1);
    if (limit == ~0U) return;
    EXPECT_EQ(cache.remember(limit).error(), Error::too_large);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Cache, ::testing::Values(vcdiff_small_cache_bytes, vcdiff_large_cache_bytes));

/// Bytes up to where a header is whole, or its error.
template <class Header>
Result<std::size_t> feed(Header& header, Bytes bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        SB_TRY_ASSIGN(const bool whole, header.take(bytes[i]));
        if (whole) return i + 1;
    }
    return fail(Error::truncated);
}

TEST(VcdiffHeader, IsReadWithWhatTheFieldAddsToIt) {
    const struct {
        Buffer bytes;
        Result<std::size_t> used;
        std::uint8_t version, secondary;
    } cases[] = {
        {{0xd6, 0xc3, 0xc4, 0, 0, 9}, 5, 0, 0},
        {{0xd6, 0xc3, 0xc4, 'S', 0}, 5, 'S', 0},
        {{0xd6, 0xc3, 0xc4, 0, 1, 2, 9}, 6, 0, 2},
        {{0xd6, 0xc3, 0xc4, 0, 4, 3, 'a', 'b', 'c', 9}, 9, 0, 0},
        {{0xd6, 0xc3, 0xc4, 0, 4, 0, 9}, 6, 0, 0},
        {{0xd6, 0xc3, 0xc4, 0, 5, 16, 1, 'a', 9}, 8, 0, 16},
        {{0xd6, 0xc3, 0xc4, 0, 4, 0x80}, fail(Error::truncated), 0, 0},
        {{0xd6, 0xc3, 0xc4, 1, 0}, fail(Error::unsupported), 0, 0},
        {{0xd6, 0xc3, 0xc4, 0, 2}, fail(Error::unsupported), 0, 0},
        {{0xd6, 0xc3, 0xc4, 0, 8}, fail(Error::malformed), 0, 0},
        {{0xd6, 0xc3, 0xc5}, fail(Error::malformed), 0, 0},
    };
    for (const auto& c : cases) {
        VcdiffHeader header;
        EXPECT_EQ(feed(header, c.bytes), c.used);
        if (!c.used) continue;
        EXPECT_EQ(header.version(), c.version);
        EXPECT_EQ(header.secondary(), c.secondary);
    }
}

TEST(VcdiffWindowHeader, IsReadAndHeldAgainstItsOwnLengths) {
    const struct {
        std::uint8_t version;
        Buffer bytes;
        Result<std::size_t> used;
    } cases[] = {
        {0, {0, 10, 7, 0, 2, 2, 1, 9}, 7},            // 5 of header, 5 of sections
        {0, {1, 100, 3, 10, 7, 0, 2, 2, 1}, 9},       // with a source
        {0, {4, 14, 7, 0, 2, 2, 1, 1, 2, 3, 4}, 11},  // with xdelta3's checksum
        {'S', {4, 15, 7, 0, 2, 2, 1, 0x81, 0x82, 0x83, 0x84, 0x05}, 12},
        {'S', {4, 11, 7, 0, 2, 2, 1, 5}, 8},  // a checksum as short as its number
        {0, {0, 9, 7, 0, 2, 2, 1}, fail(Error::malformed)},
        {0, {0, 11, 7, 0, 2, 2, 1}, fail(Error::malformed)},
        {0, {0, 4, 7, 0, 0, 0, 0}, fail(Error::malformed)},
        {0, {0, 9, 7, 0, 0x8f, 0xff, 0xff, 0xff, 0x7f, 0, 0}, fail(Error::malformed)},
        {0, {3, 1, 1, 5, 7, 0, 0, 0, 0}, fail(Error::malformed)},
        {0, {8, 5, 7, 0, 0, 0, 0}, fail(Error::malformed)},
        {0, {0, 5, 7, 8, 0, 0, 0}, fail(Error::malformed)},
        {0, {1, 0x8f, 0xff, 0xff, 0xff, 0x7f, 0, 5, 1, 0, 0, 0, 0}, fail(Error::too_large)},
        {0, {1, 0x8f, 0xff, 0xff, 0xff, 0x7f, 1, 5, 0, 0, 0, 0, 0}, fail(Error::too_large)},
    };
    for (const auto& c : cases) {
        VcdiffWindowHeader header;
        header.begin(c.version);
        EXPECT_TRUE(header.at_start());
        EXPECT_EQ(feed(header, c.bytes), c.used) << ::testing::PrintToString(c.bytes);
        EXPECT_FALSE(header.at_start());
    }
    VcdiffWindowHeader header;
    header.begin(0);
    ASSERT_TRUE(feed(header, Buffer{5, 100, 3, 14, 7, 2, 2, 2, 1, 1, 2, 3, 4}).has_value());
    const VcdiffWindow& window = header.window();
    EXPECT_EQ(window.source_bytes, 100U);
    EXPECT_EQ(window.source_at, 3U);
    EXPECT_EQ(window.target_bytes, 7U);
    EXPECT_EQ(window.packed, 2U);
    EXPECT_EQ(window.section_bytes, (std::array<std::uint32_t, 3>{2, 2, 1}));
    EXPECT_EQ(window.checksum, 0x01020304U);
    EXPECT_FALSE(window.copies_target());
}

TEST(VcdiffWindowHeader, IsInterleavedInVersionSOnlyWithAllInOneSection) {
    for (const std::uint8_t version : {std::uint8_t{0}, std::uint8_t{'S'}}) {
        VcdiffWindowHeader header;
        header.begin(version);
        ASSERT_TRUE(feed(header, Buffer{0, 10, 7, 0, 0, 5, 0}).has_value());
        EXPECT_EQ(header.interleaved(), version == 'S');
        header.begin(version);
        ASSERT_TRUE(feed(header, Buffer{0, 10, 7, 0, 1, 4, 0}).has_value());
        EXPECT_FALSE(header.interleaved());
    }
}

TEST(Adler32, IsThatOfRfc1950) {
    const std::string_view text = "Wikipedia";
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    EXPECT_EQ(adler32(1, bytes), 0x11e60398U);
    EXPECT_EQ(adler32(1, {}), 1U);
    EXPECT_EQ(adler32(0, {}), 0U);
    const Buffer many(100000, 0xff);  // sums that overflow without a remainder in between
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const std::uint8_t byte : many) b = (b + (a = (a + byte) % 65521)) % 65521;
    EXPECT_EQ(adler32(1, many), b << 16 | a);
}

}  // namespace
}  // namespace sb
