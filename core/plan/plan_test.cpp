#include "core/plan/plan.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/plan/arrangement.hpp"
#include "core/plan/carry_out.hpp"
#include "sim/flash/nor_flash.hpp"

namespace sb {
namespace {

using Buffer = std::vector<std::uint8_t>;
using sim::NorFlash;

constexpr std::uint32_t unit = 1024;
constexpr std::uint32_t units = 5;
constexpr std::uint32_t slot_bytes = units * unit;

/// Slots of a swap on one part: five units in A, six in B.
struct Pair {
    explicit Pair(const Geometry& geometry = {.granule = 4}) : flash(geometry, {{2 * units + 1, unit}}) {
        map.scheme = Scheme::swap;
        map.swap_unit = unit;
        map.slots[0] = {Region(flash, 0, slot_bytes), 0};
        map.slots[1] = {Region(flash, slot_bytes, slot_bytes + unit), slot_bytes};
    }
    void run(Plan plan, std::uint16_t k) {
        std::array<std::uint8_t, 512> scratch{};
        ASSERT_TRUE(carry_out(step_of(map, plan, k), scratch));
    }
    NorFlash flash;
    FlashMap map;
};

Buffer noise(std::uint32_t seed, std::size_t size) {
    std::mt19937 random(seed);
    Buffer bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() % 255);  // never erased by chance
    return bytes;
}

Buffer seen(const Region& region, std::uint32_t offset, std::size_t size) {
    Buffer bytes(size);
    EXPECT_TRUE(region.read(offset, bytes));
    return bytes;
}

Buffer seen(const FlashMap& map, Arrangement::Image image, std::uint16_t moved, std::size_t size) {
    Arrangement reader(map, image, moved);
    Buffer bytes(size);
    EXPECT_TRUE(reader.read(0, bytes));
    return bytes;
}

/// Two images, each cut off in the middle of a unit.
class Exchange : public testing::TestWithParam<std::pair<std::uint32_t, std::uint32_t>> {
protected:
    Exchange() : old_(noise(1, GetParam().first)), new_(noise(2, GetParam().second)) {
        pair_.flash.poke(0, old_);
        pair_.flash.poke(slot_bytes + unit, new_);
        steps_ = steps_of(pair_.map, Plan::exchange, std::max(GetParam().first, GetParam().second));
    }
    Pair pair_;
    Buffer old_;
    Buffer new_;
    std::uint16_t steps_ = 0;
};

TEST_P(Exchange, BringsEachImageToTheOthersPlace) {
    for (std::uint16_t k = 0; k < steps_; ++k) pair_.run(Plan::exchange, k);
    EXPECT_EQ(seen(pair_.map.slots[0].region, 0, new_.size()), new_);
    EXPECT_EQ(seen(pair_.map.slots[1].region, 0, old_.size()), old_);
    EXPECT_EQ(pair_.flash.rule_breaks(), 0U);
}

TEST_P(Exchange, FindsBothImagesAfterEveryStep) {
    for (std::uint16_t k = 0; k <= steps_; ++k) {
        const auto arrived_new = static_cast<std::uint16_t>(k / 2);
        const auto arrived_old = static_cast<std::uint16_t>((k + 1) / 2);
        EXPECT_EQ(seen(pair_.map, Arrangement::Image::came_in, arrived_new, new_.size()), new_) << k;
        EXPECT_EQ(seen(pair_.map, Arrangement::Image::ran, arrived_old, old_.size()), old_) << k;
        if (k < steps_) pair_.run(Plan::exchange, k);
    }
}

TEST_P(Exchange, GivesTheSameWhenEveryStepIsTornAndDoneAgain) {
    for (std::uint16_t k = 0; k < steps_; ++k) {
        for (const std::uint64_t at : {1U, 2U, 3U}) {
            pair_.flash.arm({.at_operation = at, .outcome = sim::Torn::partial, .seed = k + at});
            std::array<std::uint8_t, 512> scratch{};
            const Result<void> torn = carry_out(step_of(pair_.map, Plan::exchange, k), scratch);
            EXPECT_TRUE(torn || torn.error() == Error::power_lost);
            pair_.flash.power_on();
        }
        pair_.run(Plan::exchange, k);
    }
    EXPECT_EQ(seen(pair_.map.slots[0].region, 0, new_.size()), new_);
    EXPECT_EQ(seen(pair_.map.slots[1].region, 0, old_.size()), old_);
}

TEST_P(Exchange, ComesBackByACopy) {
    for (std::uint16_t k = 0; k < steps_; ++k) pair_.run(Plan::exchange, k);
    const auto size = static_cast<std::uint32_t>(old_.size());
    for (std::uint16_t k = 0; k < steps_of(pair_.map, Plan::copy, size); ++k) pair_.run(Plan::copy, k);
    EXPECT_EQ(seen(pair_.map.slots[0].region, 0, old_.size()), old_);
    EXPECT_EQ(seen(pair_.map.slots[1].region, 0, old_.size()), old_);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Exchange,
                         testing::Values(std::pair{700U, 300U}, std::pair{3 * unit, 3 * unit},
                                         std::pair{2 * unit + 60, 4 * unit + 8}, std::pair{slot_bytes, 5U},
                                         std::pair{300U, slot_bytes}),
                         [](const auto& sizes) {
                             return std::to_string(sizes.param.first) + "_for_" + std::to_string(sizes.param.second);
                         });

TEST(Plan, CopiesInPiecesOfWholeUnitsThatHoldFourKilobytes) {
    NorFlash flash({.granule = 4}, {{4, 16384}, {1, 65536}, {40, 1024}});
    FlashMap map;
    map.scheme = Scheme::copy;
    map.slots[0] = {Region(flash, 0, 4 * 16384 + 65536 + 20 * 1024), 0};
    map.slots[1] = {Region(flash, 4 * 16384 + 65536 + 20 * 1024, 20 * 1024), 0};
    std::uint32_t at = 0;
    std::vector<std::uint32_t> pieces;
    for (std::uint16_t k = 0; k < steps_of(map, Plan::copy, map.slots[0].region.bytes()); ++k) {
        const Step step = step_of(map, Plan::copy, k);
        EXPECT_EQ(step.to_offset, at);
        EXPECT_EQ(step.from_offset, at);
        at += step.bytes;
        pieces.push_back(step.bytes);
    }
    EXPECT_EQ(at, map.slots[0].region.bytes());
    EXPECT_EQ(pieces, (std::vector<std::uint32_t>{16384, 16384, 16384, 16384, 65536, 4096, 4096, 4096, 4096, 4096}));
}

TEST(Plan, NeverTakesMoreStepsThanARecordCanCount) {
    NorFlash flash({.granule = 4}, {{65536, 512}});
    FlashMap map;
    map.scheme = Scheme::copy;
    map.slots[0] = {Region(flash, 0, 32768 * 512), 0};
    map.slots[1] = {Region(flash, 32768 * 512, 32768 * 512), 0};
    EXPECT_EQ(steps_of(map, Plan::copy, map.slots[0].region.bytes()), 4096);
}

TEST(Plan, TakesAFactoryImageFromItsOwnRegion) {
    NorFlash flash({.granule = 4}, {{20, 1024}});
    FlashMap map;
    map.slots[0] = {Region(flash, 0, 8192), 0};
    map.slots[1] = {Region(flash, 8192, 8192), 8192};
    map.golden = Region(flash, 16384, 4096);
    const Buffer image = noise(3, 3000);
    flash.poke(16384, image);
    EXPECT_EQ(steps_of(map, Plan::restore, 3000), 1);
    std::array<std::uint8_t, 64> scratch{};
    ASSERT_TRUE(carry_out(step_of(map, Plan::restore, 0), scratch));
    EXPECT_EQ(seen(map.slots[0].region, 0, image.size()), image);
}

TEST(Plan, AFactoryImageMustFitWhereImagesRun) {
    NorFlash flash({.granule = 4}, {{40, 1024}});
    FlashMap map;
    map.scheme = Scheme::copy;
    map.slots[0] = {Region(flash, 0, 8192), 0};
    map.slots[1] = {Region(flash, 8192, 5120), 8192};
    map.golden = Region(flash, 16384, 10240);
    EXPECT_EQ(map.image_room(SlotId::golden), 5120U) << "no larger than what an update may bring";
    map.scheme = Scheme::xip;
    EXPECT_EQ(map.image_room(SlotId::golden), 8192U);
    map.scheme = Scheme::ram_load;
    map.ram_bytes = 9000;
    EXPECT_EQ(map.image_room(SlotId::golden), 8192U) << "it is copied to slot A before it is loaded";
    map.ram_bytes = 7000;
    EXPECT_EQ(map.image_room(SlotId::golden), 7000U);
}

TEST(Plan, ErasesTheUsersDataBeforeTheFactoryImageComesBack) {
    NorFlash flash({.granule = 4}, {{20, 1024}, {2, 4096}});
    FlashMap map;
    map.slots[0] = {Region(flash, 0, 8192), 0};
    map.golden = Region(flash, 8192, 8192);
    map.user_data = Region(flash, 18 * 1024, 2 * 1024 + 2 * 4096);
    const Buffer image = noise(3, 5000);
    flash.poke(8192, image);
    flash.poke(18 * 1024, noise(4, 10240));
    const std::uint16_t steps = steps_of(map, Plan::reset, 5000);
    ASSERT_EQ(steps, 4 + 2);
    std::array<std::uint8_t, 64> scratch{};
    for (std::uint16_t k = 0; k < steps; ++k) {
        EXPECT_EQ(map.user_data.is_blank(0, map.user_data.bytes()), k >= 4) << k;
        ASSERT_TRUE(carry_out(step_of(map, Plan::reset, k), scratch));
    }
    EXPECT_EQ(seen(map.slots[0].region, 0, image.size()), image);
    EXPECT_EQ(steps_of(map, Plan::restore, 5000), 2) << "without the data";
}

TEST(CarryOut, LeavesBlankWhatCannotBeRead) {
    Pair pair({.granule = 16, .erased_readable = false, .ecc = true});
    const Buffer image = noise(4, 100 * 16);
    ASSERT_TRUE(pair.flash.program(0, Bytes(image).first(160)));
    ASSERT_TRUE(pair.flash.program(320, Bytes(image).subspan(320, 160)));
    pair.run(Plan::exchange, 0);
    EXPECT_EQ(seen(pair.map.slots[1].region, 0, 160), Buffer(image.begin(), image.begin() + 160));
    EXPECT_EQ(seen(pair.map.slots[1].region, 320, 160), Buffer(image.begin() + 320, image.begin() + 480));
    Buffer gap(16);
    EXPECT_EQ(pair.map.slots[1].region.read(160, gap).error(), Error::unreadable) << "blank, as its source is";
    EXPECT_EQ(pair.flash.rule_breaks(), 0U);
}

TEST(CarryOut, KeepsGranulesThatWereProgrammedWithTheErasedValue) {
    Pair pair({.granule = 16, .erased_readable = false, .ecc = true});
    const Buffer blank(16, 0xFF);
    ASSERT_TRUE(pair.flash.program(32, blank));
    pair.run(Plan::exchange, 0);
    EXPECT_EQ(seen(pair.map.slots[1].region, 32, 16), blank);
}

/// The end of an image shares a granule of the target with blanks that do not read, or with what is not there.
TEST(CarryOut, CopiesTheEndOfAnImageIntoALargerGranule) {
    for (const bool ends : {false, true}) {
        NorFlash small({.granule = 16, .erased_readable = false, .ecc = true}, {{ends ? 3U : 4U, 256}});
        NorFlash large({.granule = 512}, {{1, 1024}});
        const std::uint32_t bytes = ends ? 3 * 256 : 512 + 48;
        const Buffer image = noise(3, bytes);
        ASSERT_TRUE(small.program(0, image));
        std::array<std::uint8_t, 1024> scratch{};
        const Step step{.from = Region(small, 0, small.geometry().bytes),
                        .from_offset = 0,
                        .to = Region(large, 0, 1024),
                        .to_offset = 0,
                        .bytes = 1024};
        ASSERT_TRUE(carry_out(step, scratch));
        EXPECT_EQ(seen(step.to, 0, bytes), image);
        EXPECT_EQ(seen(step.to, bytes, 1024 - bytes), Buffer(1024 - bytes, 0xFF));
        EXPECT_EQ(large.rule_breaks(), 0U);
    }
}

TEST(CarryOut, NeedsAGranuleOfScratch) {
    Pair pair({.granule = 128});
    std::array<std::uint8_t, 64> scratch{};
    EXPECT_EQ(carry_out(step_of(pair.map, Plan::exchange, 0), scratch).error(), Error::out_of_range);
    EXPECT_EQ(pair.flash.operations(), 0U);
}

/// A part on which one byte never takes its value.
class StuckByte final : public Flash {
public:
    StuckByte(NorFlash& inner, std::uint32_t at) : inner_(inner), at_(at) {}
    [[nodiscard]] const Geometry& geometry() const override { return inner_.geometry(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        SB_TRY(inner_.read(offset, out));
        if (at_ >= offset && at_ - offset < out.size()) out[at_ - offset] = 0xFF;
        return {};
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        return inner_.program(offset, data);
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override { return inner_.erase(offset); }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return inner_.is_blank(offset, length);
    }

private:
    NorFlash& inner_;
    std::uint32_t at_;
};

TEST(CarryOut, TellsOfAByteThatDoesNotTakeItsValue) {
    Pair pair;
    pair.flash.poke(0, noise(5, unit));
    StuckByte stuck(pair.flash, slot_bytes + 777);
    Step step = step_of(pair.map, Plan::exchange, 0);
    std::array<std::uint8_t, 512> scratch{};
    ASSERT_TRUE(carry_out(step, scratch));
    step.to = Region(stuck, slot_bytes, slot_bytes + unit);
    EXPECT_EQ(carry_out(step, scratch).error(), Error::readback);
}

}  // namespace
}  // namespace sb
