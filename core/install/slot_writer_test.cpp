#include "core/install/slot_writer.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "sim/flash/nor_flash.hpp"

namespace sb {
namespace {

std::vector<std::uint8_t> pattern(std::size_t size) {
    std::vector<std::uint8_t> v(size);
    for (std::size_t i = 0; i < size; ++i) v[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
    return v;
}

struct Part {
    std::uint32_t granule;
    std::uint32_t unit;
    std::uint8_t erased;
    bool ecc;
};

sim::NorFlash make_flash(const Part& p, std::uint32_t units) {
    Geometry g;
    g.bytes = p.unit * units;
    g.granule = p.granule;
    g.erased = p.erased;
    g.ecc = p.ecc;
    g.reprogram_same = !p.ecc;
    return sim::NorFlash(g, {{units, p.unit}});
}

Result<void> write_all(SlotWriter& w, Bytes image, std::size_t step) {
    std::size_t at = w.bytes_written();
    while (at < image.size()) {
        const MutableBytes room = w.room();
        const std::size_t n = std::min({room.size(), step, image.size() - at});
        copy(room, image.subspan(at, n));
        SB_TRY(w.advance(n));
        at += n;
    }
    return {};
}

TEST(SlotWriter, WritesAnyImageOnAnyPartInPiecesOfAnySize) {
    for (const Part& p : {Part{1, 512, 0xFF, false}, Part{4, 4096, 0xFF, false}, Part{8, 2048, 0x00, false},
                          Part{16, 1024, 0xFF, true}, Part{32, 131072, 0xFF, true}, Part{512, 4096, 0xFF, false}}) {
        for (const std::size_t size : {std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{p.unit} + 3}) {
            for (const std::size_t step : {std::size_t{1}, std::size_t{37}, std::size_t{512}}) {
                auto flash = make_flash(p, 4);
                const Region slot(flash, p.unit, 3 * p.unit);
                std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
                SlotWriter w(slot, stage);
                const auto image = pattern(size);
                ASSERT_TRUE(w.start(static_cast<std::uint32_t>(size), 0));
                ASSERT_TRUE(write_all(w, image, step));
                EXPECT_TRUE(w.complete());
                EXPECT_TRUE(w.room().empty());
                std::vector<std::uint8_t> seen(size);
                ASSERT_TRUE(slot.read(0, seen));
                EXPECT_EQ(seen, image);
                EXPECT_EQ(flash.content().erases, (size + p.unit - 1) / p.unit);
            }
        }
    }
}

TEST(WrittenImage, ReadsWhatIsInFlashAndWhatWaitsInTheStage) {
    auto flash = make_flash({4, 1024, 0xFF, false}, 2);
    const Region slot(flash, 0, 2048);
    std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
    SlotWriter w(slot, stage);
    const auto image = pattern(2000);
    ASSERT_TRUE(w.start(2000, 0));
    ASSERT_TRUE(write_all(w, Bytes(image).first(700), 100));
    ASSERT_EQ(w.bytes_written(), 512U);
    WrittenImage made(w);
    ASSERT_EQ(made.bytes(), 700U);
    for (const std::uint32_t from : {0U, 480U, 500U, 512U, 690U}) {
        for (const std::uint32_t count : {0U, 1U, 10U}) {
            std::vector<std::uint8_t> seen(count);
            ASSERT_TRUE(made.read(from, seen));
            EXPECT_TRUE(equal(seen, Bytes(image).subspan(from, count))) << from;
        }
    }
    std::array<std::uint8_t, 2> beyond{};
    EXPECT_EQ(made.read(699, beyond).error(), Error::out_of_range);
    EXPECT_EQ(made.read(0xffffffff, beyond).error(), Error::out_of_range);
}

TEST(SlotWriter, ErasesWhatAnEarlierSessionLeftEvenWhenItReadsBlank) {
    auto flash = make_flash({4, 1024, 0xFF, false}, 4);
    const Region slot(flash, 0, 4096);
    std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
    SlotWriter w(slot, stage);
    ASSERT_TRUE(w.start(2048, 1024));
    ASSERT_TRUE(write_all(w, pattern(2048), 100));
    EXPECT_EQ(flash.content().erases, 1U);
    EXPECT_EQ(flash.content().erase_counts[1], 1U);
}

TEST(SlotWriter, ProgramsTheRestOfAUnitAgainWithoutErasingIt) {
    auto flash = make_flash({4, 4096, 0xFF, false}, 2);
    const Region slot(flash, 0, 8192);
    const auto image = pattern(4096);
    std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
    SlotWriter first(slot, stage);
    ASSERT_TRUE(first.start(4096, 0));
    ASSERT_TRUE(write_all(first, Bytes(image).first(3072), 512));
    ASSERT_TRUE(first.resumable());

    SlotWriter second(slot, stage);
    ASSERT_TRUE(second.start(4096, 1024));
    ASSERT_TRUE(write_all(second, image, 512));
    EXPECT_EQ(flash.content().erases, 1U);
    std::vector<std::uint8_t> seen(4096);
    ASSERT_TRUE(slot.read(0, seen));
    EXPECT_EQ(seen, image);
}

TEST(SlotWriter, GoesOnOnlyAtUnitsWhereGranulesCannotBeProgrammedTwice) {
    auto flash = make_flash({16, 4096, 0xFF, true}, 2);
    std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
    SlotWriter w(Region(flash, 0, 8192), stage);
    EXPECT_EQ(w.start(8192, 512).error(), Error::unaligned);
    ASSERT_TRUE(w.start(8192, 0));
    ASSERT_TRUE(write_all(w, pattern(512), 512));
    EXPECT_FALSE(w.resumable());
}

TEST(SlotWriter, RefusesAnImageThatIsLargerThanTheSlot) {
    auto flash = make_flash({4, 1024, 0xFF, false}, 2);
    std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
    SlotWriter w(Region(flash, 0, 2048), stage);
    EXPECT_EQ(w.start(2049, 0).error(), Error::out_of_range);
    EXPECT_EQ(w.start(100, 101).error(), Error::out_of_range);
}

/// A part whose cells do not take what is programmed.
class StuckFlash final : public Flash {
public:
    [[nodiscard]] const Geometry& geometry() const override { return geometry_; }
    [[nodiscard]] Result<void> read(std::uint32_t, MutableBytes out) override {
        std::fill(out.begin(), out.end(), std::uint8_t{0xFF});
        if (unreadable) return fail(Error::unreadable);
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t, Bytes) override { return {}; }
    [[nodiscard]] Result<void> erase(std::uint32_t) override { return {}; }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t, std::uint32_t) override { return true; }
    bool unreadable = false;

private:
    EraseRun run_{4, 1024};
    Geometry geometry_{.erase_map = {&run_, 1}, .bytes = 4096};
};

TEST(SlotWriter, NoticesCellsThatDoNotTakeWhatIsProgrammed) {
    StuckFlash flash;
    for (const bool unreadable : {false, true}) {
        flash.unreadable = unreadable;
        std::array<std::uint8_t, SlotWriter::stage_bytes> stage{};
        SlotWriter w(Region(flash, 0, 4096), stage);
        ASSERT_TRUE(w.start(512, 0));
        EXPECT_EQ(write_all(w, pattern(512), 512).error(), Error::readback);
    }
}

}  // namespace
}  // namespace sb
