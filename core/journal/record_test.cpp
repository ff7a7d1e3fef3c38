#include "core/journal/record.hpp"

#include <gtest/gtest.h>

#include "core/base/crc32.hpp"
#include "core/journal/pages.hpp"
#include "sim/flash/nor_flash.hpp"

namespace sb {
namespace {

State full_state() {
    State s;
    s.boot.phase = Phase::trial;
    s.boot.plan = Plan::restore;
    s.boot.active = SlotId::b;
    s.boot.tries_left = 2;
    s.boot.cause = Error::tries_exhausted;
    s.boot.confirmed_b = true;
    s.boot.request = Request::factory_image;
    s.boot.step = 0x0102;
    s.boot.step_count = 0x1112;
    s.boot.transaction = 0x2122;
    s.boot.confirmed_sequence = 0x2324252627282930;
    s.boot.candidate.fill(0x31);
    s.boot.active_digest.fill(0x32);
    s.boot.security_floor = 0x41424344;
    s.boot.grant_counter = 0x51525354;
    s.boot.layout_crc = 0x61626364;
    s.install.package.fill(0x71);
    s.install.next_block = 0x81828384;
    s.install.next_digest.fill(0x91);
    s.install.output_bytes = 0xA1A2A3A4;
    s.install.checkpoint.fill(0xB1);
    return s;
}

std::array<std::uint8_t, record_bytes> encoded() {
    std::array<std::uint8_t, record_bytes> bytes{};
    encode_record({0x0A0B0C0D, 0x0E0F}, full_state(), bytes);
    return bytes;
}

TEST(Record, ComesBackAsItWasWritten) {
    const auto bytes = encoded();
    ASSERT_TRUE(is_record(bytes));
    EXPECT_EQ(record_key(bytes), (RecordKey{0x0A0B0C0D, 0x0E0F}));
    State back;
    decode_state(bytes, back);
    EXPECT_EQ(back, full_state());
}

TEST(Record, StandsWhereTheTableSays) {
    const auto b = encoded();
    const struct {
        std::size_t at;
        std::uint8_t value;
    } table[] = {{0, 0x53},  {1, 1},     {2, 0x0F},  {4, 0x0D},  {8, 4},     {9, 3},     {10, 1},
                 {11, 2},    {12, 64},   {13, 10},   {14, 0},    {17, 0},    {18, 0x02}, {20, 0x12},
                 {22, 0x22}, {24, 0x30}, {31, 0x23}, {32, 0x31}, {40, 0x32}, {48, 0x44}, {52, 0x54},
                 {56, 0x64}, {60, 0x71}, {68, 0x84}, {72, 0x91}, {88, 0xA4}, {92, 0xB1}, {123, 0xB1}};
    for (const auto& row : table) EXPECT_EQ(b[row.at], row.value) << "byte " << row.at;
    EXPECT_EQ(load_le<std::uint32_t>(b, 124), crc32(Bytes(b).first(124)));
}

TEST(Record, NoSingleBitMayFlip) {
    const auto good = encoded();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        EXPECT_FALSE(is_record(bad)) << "bit " << bit;
    }
}

TEST(Record, ValuesOutOfTheirRangeAreNoRecordDespiteTheirCrc) {
    const struct {
        std::size_t at;
        std::uint8_t value;
    } table[] = {{0, 0x52}, {1, 2}, {8, 8}, {9, 7}, {13, 32}, {13, 128}, {19, 0x12}};
    for (const auto& row : table) {
        auto bytes = encoded();
        bytes[row.at] = row.value;
        store_le<std::uint32_t>(bytes, 124, crc32(Bytes(bytes).first(124)));
        EXPECT_FALSE(is_record(bytes)) << "byte " << row.at;
    }
}

TEST(Record, BlankFlashIsNoRecord) {
    for (const std::uint8_t value : std::initializer_list<std::uint8_t>{0x00, 0xFF}) {
        std::array<std::uint8_t, record_bytes> bytes;
        bytes.fill(value);
        EXPECT_FALSE(is_record(bytes));
    }
}

TEST(Record, SessionsOrderBeforeIndexes) {
    EXPECT_TRUE(newer({2, 1}, {1, 9}));
    EXPECT_TRUE(newer({2, 2}, {2, 1}));
    EXPECT_FALSE(newer({2, 2}, {2, 2}));
    EXPECT_FALSE(newer({1, 9}, {2, 1}));
}

struct PagesCase {
    std::uint32_t granule;
    std::vector<EraseRun> map;
    Error error;
    std::array<std::uint32_t, 4> offsets, records;
    std::uint32_t stride;
};

TEST(JournalPages, AreTheLeastWholeUnitsThatHoldFourRecords) {
    const PagesCase cases[] = {
        {4, {{4, 4096}}, Error::none, {0, 4096, 8192, 12288}, {32, 32, 32, 32}, 128},
        {1, {{20, 256}}, Error::none, {0, 512, 1024, 1536}, {4, 4, 4, 4}, 128},
        {512, {{4, 2048}}, Error::none, {0, 2048, 4096, 6144}, {4, 4, 4, 4}, 512},
        {32, {{1, 1024}, {8, 256}}, Error::none, {0, 1024, 1536, 2048}, {8, 4, 4, 4}, 128},
        {4, {{4, 131072 * 2}}, Error::none, {0, 262144, 524288, 786432}, {1024, 1024, 1024, 1024}, 128},
        {4, {{3, 4096}}, Error::out_of_range, {}, {}, 0},
        {4, {{15, 128}}, Error::out_of_range, {}, {}, 0},
        {1024, {{4, 8192}}, Error::unsupported, {}, {}, 0},
    };
    for (const PagesCase& c : cases) {
        Geometry g;
        g.granule = c.granule;
        sim::NorFlash flash(g, c.map);
        const auto pages = journal_pages_of(Region(flash, 0, flash.geometry().bytes));
        if (c.error != Error::none) {
            ASSERT_FALSE(pages.has_value());
            EXPECT_EQ(pages.error(), c.error);
            continue;
        }
        ASSERT_TRUE(pages.has_value());
        EXPECT_EQ(pages->stride, c.stride);
        for (std::uint32_t p = 0; p < journal_pages; ++p) {
            EXPECT_EQ(pages->page[p].offset, c.offsets[p]);
            EXPECT_EQ(pages->records(p), c.records[p]);
        }
    }
    EXPECT_EQ(journal_pages_of(Region()).error(), Error::out_of_range);
}

}  // namespace
}  // namespace sb
