#include "sim/powercut/xip_life.hpp"

#include <gtest/gtest.h>

#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/memo_crypto.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb::sim {
namespace {

const Workshop& workshop() {
    static const Workshop shop;
    return shop;
}

const Cast& cast_of(PayloadFormat format) {
    static std::map<PayloadFormat, Cast> casts;
    auto& cast = casts[format];
    // Segments of two units: a delta, too, has places inside where it can go on.
    if (cast.package.empty()) cast = workshop().cast(format, 3600, 2048);
    return cast;
}

/// More than one record inside of a large erase unit.
const Cast& long_cast() {
    static const Cast cast = workshop().cast(PayloadFormat::raw, 13'000);
    return cast;
}

const std::vector<BoardSpec>& boards() {
    static const std::vector<BoardSpec> specs = {
        {.name = "1 KB units, granule 4", .unit_bytes = 1024, .slot_units = 6, .granule = 4},
        {.name = "512 B units, granule 1", .unit_bytes = 512, .slot_units = 10, .granule = 1},
        {.name = "4 KB units, granule 2", .unit_bytes = 4096, .slot_units = 2, .granule = 2},
        {.name = "1 KB units, erased 00", .unit_bytes = 1024, .slot_units = 6, .granule = 8, .erased = 0x00},
        {.name = "ECC, granule 16",
         .unit_bytes = 2048,
         .slot_units = 3,
         .granule = 16,
         .ecc = true,
         .reprogram_same = false},
        {.name = "ECC, granule 32, unreadable blanks",
         .unit_bytes = 2048,
         .slot_units = 3,
         .granule = 32,
         .ecc = true,
         .erased_readable = false,
         .reprogram_same = false},
        {.name = "granule 512", .unit_bytes = 4096, .slot_units = 2, .granule = 512},
        {.name = "16 KB units", .unit_bytes = 16384, .slot_units = 1, .granule = 4},
    };
    return specs;
}

class XipLife : public testing::TestWithParam<std::size_t> {
protected:
    XipLife() : crypto_(real_) {}
    [[nodiscard]] const BoardSpec& board() const { return boards()[GetParam()]; }

    void expect_sound(const LifeReport& report) {
        EXPECT_EQ(report.dead, 0U) << report.first_objection;
        EXPECT_GT(report.cuts, 400U);
        std::printf("             %llu operations, %llu cuts, settled within %d boots\n",
                    static_cast<unsigned long long>(report.operations), static_cast<unsigned long long>(report.cuts),
                    report.max_boots);
    }

    OpensslCrypto real_;
    MemoCrypto crypto_;
};

class XipLifeOfLargeUnits : public testing::Test {
protected:
    OpensslCrypto real_;
    MemoCrypto crypto_{real_};
};

TEST_P(XipLife, EndsInTheNewImageWhereverTheUpdateIsCut) {
    for (const PayloadFormat format : {PayloadFormat::raw, PayloadFormat::endsley_lzma}) {
        const LifeReport report = cut_everywhere(board(), workshop().identity(), cast_of(format), crypto_, {});
        expect_sound(report);
        EXPECT_GT(report.operations, 30U);
        EXPECT_EQ(report.operations_hit, report.operations) << "an operation was never cut";
        EXPECT_EQ(report.ended_new, report.cuts);
        EXPECT_LE(report.max_boots, 4);
        EXPECT_LE(report.max_unit_erases, 2U) << "once, and once more for the cut";
    }
}

TEST_P(XipLife, EndsInTheNewImageWhereverAnUpdateInSegmentsIsCut) {
    const LifeReport report =
        cut_everywhere(board(), workshop().identity(), cast_of(PayloadFormat::sbd), crypto_, {.seeds = 1});
    expect_sound(report);
    EXPECT_EQ(report.operations_hit, report.operations) << "an operation was never cut";
    EXPECT_EQ(report.ended_new, report.cuts);
    EXPECT_LE(report.max_unit_erases, 2U) << "once, and once more for the cut";
}

TEST_P(XipLife, EndsInTheOldImageWhereverAnUnconfirmedUpdateIsCut) {
    const LifeOptions options{.story = Story::revert, .seeds = 1};
    const LifeReport report =
        cut_everywhere(board(), workshop().identity(), cast_of(PayloadFormat::raw), crypto_, options);
    expect_sound(report);
    EXPECT_EQ(report.operations_hit, report.operations);
    EXPECT_EQ(report.ended_old, report.cuts);
}

TEST_F(XipLifeOfLargeUnits, GoesOnInsideAUnitThatMayBeProgrammedAgain) {
    const LifeReport report =
        cut_everywhere(boards().back(), workshop().identity(), long_cast(), crypto_, {.seeds = 1});
    EXPECT_EQ(report.dead, 0U) << report.first_objection;
    EXPECT_EQ(report.ended_new, report.cuts);
    EXPECT_LE(report.max_unit_erases, 2U);
}

TEST_P(XipLife, BootsAndUpdatesEvenWhenACutTakesTheWholeJournal) {
    const LifeOptions options{.wipe_journal = true, .seeds = 1};
    const LifeReport report =
        cut_everywhere(board(), workshop().identity(), cast_of(PayloadFormat::raw), crypto_, options);
    expect_sound(report);
    EXPECT_EQ(report.ended_new, report.cuts);
}

TEST_P(XipLife, SurvivesSixCutsInARow) {
    for (const PayloadFormat format : {PayloadFormat::lzma, PayloadFormat::endsley, PayloadFormat::hpatchlite,
                                       PayloadFormat::vcdiff, PayloadFormat::hdiffsf, PayloadFormat::sbd}) {
        const LifeReport report =
            cut_at_random(board(), workshop().identity(), cast_of(format), crypto_, {}, 6, 400, 20261121);
        expect_sound(report);
    }
}

INSTANTIATE_TEST_SUITE_P(Boards, XipLife, testing::Range<std::size_t>(0, boards().size()),
                         [](const auto& board) { return "board" + std::to_string(board.param); });

}  // namespace
}  // namespace sb::sim
