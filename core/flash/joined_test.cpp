#include "core/flash/joined.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "core/flash/region.hpp"
#include "sim/flash/nor_flash.hpp"

namespace sb {
namespace {

using testing::Each;

/// Two units of 512 bytes out of the middle of one part, three of 1 KB out of another.
class Joined : public testing::Test {
protected:
    std::vector<std::uint8_t> read(std::uint32_t at, std::uint32_t bytes) {
        std::vector<std::uint8_t> out(bytes);
        EXPECT_TRUE(flash_.read(at, out));
        return out;
    }

    sim::NorFlash inside_{{.granule = 4}, {{8, 512}}};
    sim::NorFlash outside_{{.granule = 8, .ecc = true}, {{4, 1024}}};
    std::array<EraseRun, 2> runs_ = {{{2, 512}, {3, 1024}}};
    std::array<FlashPiece, 2> pieces_ = {{{&inside_, 1024, 1024}, {&outside_, 0, 3072}}};
    JoinedFlash flash_{{.erase_map = runs_, .bytes = 4096, .granule = 8, .ecc = true}, pieces_};
};

TEST_F(Joined, ShowsItsPiecesOneBehindTheOther) {
    std::vector<std::uint8_t> data(4096);
    std::iota(data.begin(), data.end(), std::uint8_t{1});
    ASSERT_TRUE(flash_.program(0, data));
    EXPECT_EQ(read(0, 4096), data);
    EXPECT_EQ(read(1000, 48), std::vector(data.begin() + 1000, data.begin() + 1048));
    std::vector<std::uint8_t> first(1024);
    ASSERT_TRUE(inside_.read(1024, first));
    EXPECT_EQ(first, std::vector(data.begin(), data.begin() + 1024));
}

TEST_F(Joined, TouchesNothingOutsideOfThem) {
    const std::vector<std::uint8_t> zeros(4096);
    ASSERT_TRUE(flash_.program(0, zeros));
    for (const auto& [from, bytes] : {std::pair{0U, 1024U}, {2048U, 2048U}}) {
        std::vector<std::uint8_t> around(bytes);
        ASSERT_TRUE(inside_.read(from, around));
        EXPECT_THAT(around, Each(0xFF));
    }
    EXPECT_FALSE(flash_.program(4096 - 8, Bytes(zeros).first(16)));
    EXPECT_EQ(flash_.erase(4096).error(), Error::out_of_range);
    EXPECT_EQ(flash_.erase(0x80000000).error(), Error::out_of_range);
}

TEST_F(Joined, ErasesTheUnitThatBeginsThere) {
    const std::vector<std::uint8_t> zeros(4096);
    ASSERT_TRUE(flash_.program(0, zeros));
    const Region region(flash_, 0, 4096);
    for (std::uint32_t at = 0; at < 4096;) {
        const EraseUnit unit = region.unit_at(at);
        EXPECT_FALSE(flash_.is_blank(unit.offset, unit.bytes).value());
        ASSERT_TRUE(flash_.erase(unit.offset));
        EXPECT_TRUE(flash_.is_blank(0, unit.offset + unit.bytes).value()) << at;
        at += unit.bytes;
        EXPECT_EQ(flash_.is_blank(0, 4096).value(), at == 4096) << at;
    }
    EXPECT_FALSE(flash_.erase(256)) << "not the start of a unit";
    EXPECT_FALSE(flash_.erase(1024 + 512)) << "not the start of a unit";
}

TEST_F(Joined, ReadsOnBehindWhatCannotBeRead) {
    std::vector<std::uint8_t> data(4096, 0x5A);
    ASSERT_TRUE(flash_.program(0, data));
    for (auto& [part, at] : {std::pair{&inside_, 1024U}, {&outside_, 0U}}) {
        part->spoil(at, 8);
        std::vector<std::uint8_t> out(4096);
        EXPECT_EQ(flash_.read(0, out).error(), Error::unreadable);
        EXPECT_EQ(out[1023], 0x5A);
        EXPECT_EQ(out[4095], 0x5A) << "behind what does not read";
    }
    inside_.power_off();
    EXPECT_FALSE(flash_.is_blank(0, 4096)) << "an error is no answer";
}

}  // namespace
}  // namespace sb
