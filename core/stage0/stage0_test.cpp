#include "core/stage0/stage0.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/base/crc32.hpp"
#include "core/stage0/seal.hpp"
#include "sim/flash/nor_flash.hpp"

namespace sb {
namespace {

class Stage0 : public testing::Test {
protected:
    explicit Stage0(const Geometry& geometry = {.granule = 4}) : part_(geometry, {{8, 512}}) {}

    /// Puts an image of `bytes` bytes into a copy and seals it.
    void fill(SlotId id, std::uint8_t filler, std::uint32_t number, std::uint32_t bytes = 1000) {
        const Region& copy = copies_[index_of(id)];
        for (std::uint32_t at = 0; at < copy.bytes(); at += 512) ASSERT_TRUE(copy.erase(at));
        const std::vector<std::uint8_t> image((bytes + 7) / 8 * 8, filler);
        ASSERT_TRUE(copy.program(0, image));
        ASSERT_TRUE(seal(copy, number, bytes));
    }

    sim::NorFlash part_;
    BootloaderCopies copies_ = {{Region(part_, 0, 2048), Region(part_, 2048, 2048)}};
};

TEST_F(Stage0, StartsTheNewerCopy) {
    EXPECT_EQ(choose_bootloader(copies_), std::nullopt);
    fill(SlotId::b, 1, 1);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
    fill(SlotId::a, 2, 2);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
    fill(SlotId::b, 3, 3);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
    fill(SlotId::a, 3, 3);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a) << "equal";
}

TEST_F(Stage0, StartsTheOtherWhereTheNewerOneIsDamagedAnywhere) {
    fill(SlotId::a, 1, 7);
    for (std::uint32_t at = 0; at < 1000; at += 37) {
        fill(SlotId::b, 2, 8);
        const std::uint8_t damaged = 0;
        part_.poke(2048 + at, {&damaged, 1});
        EXPECT_EQ(choose_bootloader(copies_), SlotId::a) << at;
    }
    fill(SlotId::b, 2, 8);
    const std::uint8_t beyond = 0;
    part_.poke(2048 + 1000, {&beyond, 1});
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b) << "behind the image";
}

TEST_F(Stage0, TakesEitherOfTheTwoSeals) {
    fill(SlotId::a, 1, 1);
    const std::uint32_t stride = seals_bytes(copies_[1]) / 6;
    for (const std::uint32_t gone : {6 * stride, 5 * stride}) {
        fill(SlotId::b, 2, 2);
        for (std::uint32_t at = 0; at < 20; ++at) {
            std::uint8_t byte = 0;
            ASSERT_TRUE(part_.read(4096 - gone + at, {&byte, 1}));
            const auto damaged = static_cast<std::uint8_t>(~byte);
            part_.poke(4096 - gone + at, {&damaged, 1});
            EXPECT_EQ(choose_bootloader(copies_), SlotId::b) << at;
            part_.poke(4096 - gone + at, {&byte, 1});
        }
    }
    ASSERT_TRUE(unseal(copies_[1]));
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
}

/// Whole in itself, and nothing that seal() writes.
TEST_F(Stage0, IsNotFooledByASealOfNothingOrOfItself) {
    const std::uint32_t seals_at = 2048 - seals_bytes(copies_[0]);
    for (const std::uint32_t bytes : {0U, seals_at + 1, 0xFFFFFFFFU}) {
        std::array<std::uint8_t, 20> forged{'S', 'B', '0', 's', 9};
        store_le(forged, 8, bytes);
        store_le(forged, 16, crc32(Bytes(forged).first(16)));
        part_.poke(seals_at, forged);
        EXPECT_EQ(read_seal(copies_[0]), std::nullopt) << bytes;
        EXPECT_EQ(choose_bootloader(copies_), std::nullopt) << bytes;
    }
}

/// Each on granules of its own, in one erase unit or in several.
TEST(Seal, IsSetAndTakenAwayOnGranulesOfAnySize) {
    for (const std::uint32_t granule : {1U, 2U, 8U, 16U, 32U, 128U, 512U}) {
        for (const std::vector<EraseRun>& map : {std::vector<EraseRun>{{8, 512}}, {{1, 2048}, {4, 512}}, {{1, 4096}}}) {
            sim::NorFlash part({.granule = granule, .erased_readable = false, .ecc = true}, map);
            const Region copy(part, 0, 4096);
            ASSERT_TRUE(copy.program(0, std::vector<std::uint8_t>(1024, 0x21)));
            ASSERT_TRUE(seal(copy, 7, 1000)) << granule;
            EXPECT_EQ(read_seal(copy)->number, 7U);
            EXPECT_TRUE(image_matches(copy, *read_seal(copy)));
            part.spoil(4096 - seals_bytes(copy), 1);
            EXPECT_TRUE(read_seal(copy)) << granule << ": on one granule with the other";
            ASSERT_TRUE(unseal(copy));
            EXPECT_FALSE(read_seal(copy)) << granule;
            EXPECT_TRUE(copy.is_blank(4096 - seals_bytes(copy), seals_bytes(copy)).value()) << granule;
            EXPECT_EQ(part.rule_breaks(), 0U);
        }
    }
}

TEST_F(Stage0, RefusesASealThatTheImageWouldReach) {
    const std::uint32_t room = 2048 - seals_bytes(copies_[0]);
    EXPECT_EQ(seal(copies_[0], 1, room + 1).error(), Error::out_of_range);
    EXPECT_EQ(seal(copies_[0], 1, 0).error(), Error::out_of_range);
    fill(SlotId::a, 1, 1, room / 8 * 8);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
}

TEST_F(Stage0, ProvesASealThatNoSecondFollowed) {
    fill(SlotId::a, 1, 1);
    EXPECT_EQ(prove_seal(copies_[1]).error(), Error::bad_state);
    const std::uint64_t before = part_.operations();
    EXPECT_EQ(prove_seal(copies_[0])->number, 1U);
    EXPECT_EQ(part_.operations(), before) << "both stand";

    for (std::uint32_t at = 0; at < 2048; at += 512) ASSERT_TRUE(copies_[1].erase(at));
    ASSERT_TRUE(copies_[1].program(0, std::vector<std::uint8_t>(1000, 2)));
    part_.arm({.at_operation = 1, .outcome = sim::Torn::complete_weak, .weak_reads = sim::WeakReads::fading});
    EXPECT_FALSE(seal(copies_[1], 2, 1000));
    part_.cycle_power();
    for (int reset = 0; reset < 3 && choose_bootloader(copies_) != SlotId::b; ++reset) part_.cycle_power();
    ASSERT_EQ(choose_bootloader(copies_), SlotId::b);
    EXPECT_EQ(prove_seal(copies_[1])->number, 2U);
    for (int reset = 0; reset < 4; ++reset) {
        part_.cycle_power();
        EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
    }
    EXPECT_EQ(part_.rule_breaks(), 0U);
}

/// A copy of the bootloader that is updated again and again, by whichever starts, on a supply that mostly fails.
class Stage0Life : public testing::TestWithParam<std::tuple<bool, bool>> {
protected:
    /// What the copy that runs does to the other one.
    Result<void> update(SlotId running) {
        const Region& to = copies_[index_of(other(running))];
        SB_TRY_ASSIGN(const Seal own, prove_seal(copies_[index_of(running)]));
        SB_TRY(unseal(to));
        const std::vector<std::uint8_t> image(image_bytes, ++filler_);
        for (std::uint32_t at = 0; at < image_bytes; at += unit_bytes) {
            SB_TRY(to.erase(at));
            SB_TRY(to.program(at, Bytes(image).subspan(at, std::min(unit_bytes, image_bytes - at))));
        }
        return seal(to, own.number + 1, image_bytes);
    }

    static constexpr std::uint32_t unit_bytes = 256;
    static constexpr std::uint32_t image_bytes = 384;  // some of it in the unit of the seals
    sim::NorFlash part_{{.granule = 4,
                         .erased_readable = !std::get<0>(GetParam()),
                         .reprogram_same = std::get<1>(GetParam()),
                         .ecc = std::get<0>(GetParam())},
                        {{4, unit_bytes}}};
    BootloaderCopies copies_ = {{Region(part_, 0, 512), Region(part_, 512, 512)}};
    std::uint8_t filler_ = 0;
};

TEST_P(Stage0Life, NeverIsWithoutACopyThatStarts) {
    const sim::FlashContent fresh = part_.content();
    int sealed = 0;
    for (std::uint64_t life = 1; life <= 1500; ++life) {
        std::mt19937_64 random(life);
        part_.set_content(fresh);
        ASSERT_TRUE(copies_[0].program(0, std::vector<std::uint8_t>(256, 0x42)));
        ASSERT_TRUE(seal(copies_[0], 1, 256));
        for (int session = 0; session < 14; ++session) {
            const std::optional<SlotId> running = choose_bootloader(copies_);
            ASSERT_TRUE(running) << "life " << life << ", session " << session;
            if (random() % 8 < 5)
                part_.arm({.at_operation = 1 + random() % 8,
                           .outcome = static_cast<sim::Torn>(random() % sim::torn_kinds),
                           .seed = random(),
                           .weak_reads = static_cast<sim::WeakReads>(random() % 5)});
            if (update(*running)) ++sealed;
            part_.cycle_power();
        }
    }
    EXPECT_GT(sealed, 1500 * 3);
}

INSTANTIATE_TEST_SUITE_P(Parts, Stage0Life,
                         testing::Values(std::tuple(false, false), std::tuple(false, true), std::tuple(true, false)));

class Stage0WithEcc : public Stage0 {
protected:
    Stage0WithEcc() : Stage0({.granule = 32, .erased = 0x00, .erased_readable = false, .ecc = true}) {}
};

TEST_F(Stage0WithEcc, GoesByWhatCanBeRead) {
    EXPECT_EQ(choose_bootloader(copies_), std::nullopt) << "blank flash of this part cannot be read";
    fill(SlotId::a, 1, 1, 992);
    fill(SlotId::b, 2, 2, 992);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
    part_.spoil(4096 - 6 * 32, 32);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b) << "by its second seal";
    part_.spoil(2048 + 500, 1);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
}

}  // namespace
}  // namespace sb
