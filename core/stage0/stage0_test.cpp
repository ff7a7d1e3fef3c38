#include "core/stage0/stage0.hpp"

#include <gtest/gtest.h>

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
    const std::uint32_t stride = seals_bytes(copies_[1]) / 2;
    for (const std::uint32_t gone : {2 * stride, stride}) {
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

TEST_F(Stage0, RefusesASealThatTheImageWouldReach) {
    const std::uint32_t room = 2048 - seals_bytes(copies_[0]);
    EXPECT_EQ(seal(copies_[0], 1, room + 1).error(), Error::out_of_range);
    EXPECT_EQ(seal(copies_[0], 1, 0).error(), Error::out_of_range);
    fill(SlotId::a, 1, 1, room / 8 * 8);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
}

class Stage0WithEcc : public Stage0 {
protected:
    Stage0WithEcc() : Stage0({.granule = 32, .erased = 0x00, .erased_readable = false, .ecc = true}) {}
};

TEST_F(Stage0WithEcc, GoesByWhatCanBeRead) {
    EXPECT_EQ(choose_bootloader(copies_), std::nullopt) << "blank flash of this part cannot be read";
    fill(SlotId::a, 1, 1, 992);
    fill(SlotId::b, 2, 2, 992);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b);
    part_.spoil(4096 - 64, 32);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::b) << "the second seal";
    part_.spoil(2048 + 500, 1);
    EXPECT_EQ(choose_bootloader(copies_), SlotId::a);
}

}  // namespace
}  // namespace sb
