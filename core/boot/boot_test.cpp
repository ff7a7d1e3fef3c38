#include "core/boot/boot.hpp"
#include "core/boot/application.hpp"

#include <gtest/gtest.h>

#include "core/boot/testing.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/memo_crypto.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb {
namespace {

using sim::Board;
using sim::BoardSpec;
using Buffer = std::vector<std::uint8_t>;

const sim::Workshop& shop() {
    static const sim::Workshop workshop;
    return workshop;
}

const BoardSpec spec{.name = "boot", .unit_bytes = 1024, .slot_units = 6};

class Boot : public testing::Test {
protected:
    Boot()
        : crypto_(real_),
          old_(shop().image({.major = 1}, 3000, 0, 1)),
          new_(shop().image({.major = 1, .minor = 1}, 3000, 0, 2)),
          board_(spec, shop().identity(), crypto_) {
        board_.provision(old_);
    }
    void update() {
        ASSERT_EQ(board_.reset().slot, SlotId::a);
        ASSERT_TRUE(board_.install(shop().full(new_)));
    }
    void damage(SlotId slot) {
        std::uint8_t byte = 0;
        const std::uint32_t at = static_cast<std::uint32_t>(index_of(slot)) * spec.slot_units * spec.unit_bytes + 700;
        ASSERT_TRUE(board_.flash().read(at, {&byte, 1}));
        byte ^= 0x10;
        board_.flash().poke(at, {&byte, 1});
    }
    void wipe_journal() {
        const Buffer blank(board_.map().journal.bytes(), 0xFF);
        board_.flash().poke(2 * spec.slot_units * spec.unit_bytes, blank);
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_;
    Buffer old_;
    Buffer new_;
    Board board_;
};

TEST_F(Boot, WritesNothingWhenNothingIsPending) {
    board_.reset();
    const std::uint64_t operations = board_.flash().operations();
    const BootReport report = board_.reset();
    EXPECT_EQ(report.slot, SlotId::a);
    EXPECT_EQ(report.decision, Decision::active);
    EXPECT_EQ(board_.flash().operations(), operations);
}

TEST_F(Boot, GivesThreeTrialBootsAndSwitchesBackOnTheFourth) {
    update();
    for (const int left : {2, 1, 0}) {
        const BootReport trial = board_.reset();
        EXPECT_EQ(trial.slot, SlotId::b);
        EXPECT_EQ(trial.state.tries_left, left);
        Journal journal(board_.map().journal);
        ASSERT_TRUE(journal.open());
        EXPECT_TRUE(journal.sealed()) << "proven before the jump";
    }
    const BootReport fourth = board_.reset();
    EXPECT_EQ(fourth.slot, SlotId::a);
    EXPECT_EQ(fourth.decision, Decision::switch_back);
    EXPECT_EQ(fourth.cause, Error::tries_exhausted);
    const BootReport fifth = board_.reset();
    EXPECT_EQ(fifth.decision, Decision::active);
    EXPECT_EQ(fifth.cause, Error::tries_exhausted) << "the reason stays until the next update";
}

TEST_F(Boot, KeepsAConfirmedImageAndRaisesTheFloorWithIt) {
    update();
    ASSERT_EQ(board_.reset().slot, SlotId::b);
    ASSERT_TRUE(board_.confirm());
    EXPECT_EQ(board_.state().boot.security_floor, 2U);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(board_.reset().slot, SlotId::b);
    EXPECT_EQ(board_.state().boot.phase, Phase::updated);
}

TEST_F(Boot, ConfirmsTwiceWithoutWritingTwice) {
    update();
    board_.reset();
    ASSERT_TRUE(board_.confirm());
    const std::uint64_t operations = board_.flash().operations();
    EXPECT_TRUE(board_.confirm());
    EXPECT_EQ(board_.flash().operations(), operations);
}

TEST_F(Boot, TakesNoConfirmationFromAnImageThatIsNotOnTrial) {
    update();
    ASSERT_EQ(board_.reset().slot, SlotId::b);
    Journal journal(board_.map().journal);
    ASSERT_TRUE(journal.open());
    std::array<std::uint8_t, 256> scratch{};
    const auto image = check_slot(board_.map(), SlotId::a, Phase::ready, crypto_, shop().identity().keys, scratch);
    ASSERT_TRUE(image);
    EXPECT_EQ(confirm(journal, SlotId::a, *image).error(), Error::not_running);
    EXPECT_EQ(confirm(journal, SlotId::b, *image).error(), Error::not_running) << "not the image that was staged";
    EXPECT_EQ(board_.state().boot.phase, Phase::trial);
}

TEST_F(Boot, NeverRunsASlotThatDoesNotVerify) {
    update();
    damage(SlotId::b);
    const BootReport report = board_.reset();
    EXPECT_EQ(report.slot, SlotId::a);
    EXPECT_EQ(report.cause, Error::slot_invalid);
    damage(SlotId::a);
    const BootReport none = board_.reset();
    EXPECT_FALSE(none.slot.has_value());
    EXPECT_EQ(none.cause, Error::nothing_bootable);
}

TEST_F(Boot, RunsTheBackupOnlyWhenItIsNotBelowTheFloor) {
    update();
    board_.reset();
    ASSERT_TRUE(board_.confirm());
    damage(SlotId::b);
    EXPECT_FALSE(board_.reset().slot.has_value()) << "the backup's counter is 1, the floor is 2";
}

TEST_F(Boot, FindsItsWayByContentWhenTheJournalIsWiped) {
    new_ = shop().image({.major = 1, .minor = 1}, 3000, 0, 1);
    update();
    wipe_journal();
    const BootReport report = board_.reset();
    EXPECT_EQ(report.slot, SlotId::b) << "the newest";
    EXPECT_EQ(report.decision, Decision::recovered);
    EXPECT_EQ(report.state.phase, Phase::trial) << "with a way back";
    ASSERT_TRUE(board_.confirm());
    EXPECT_EQ(board_.reset().decision, Decision::active);
}

TEST_F(Boot, TakesARecordOfAnotherLayoutForLost) {
    State state;
    state.boot.active = SlotId::b;
    state.boot.layout_crc = board_.map().layout_crc + 1;
    Journal journal(board_.map().journal);
    ASSERT_TRUE(journal.open());
    ASSERT_TRUE(journal.commit(state));
    const BootReport report = board_.reset();
    EXPECT_EQ(report.slot, SlotId::a);
    EXPECT_EQ(report.decision, Decision::recovered);
}

TEST_F(Boot, RunsTheOldImageWhenATrialCannotBeRecorded) {
    update();
    boot_testing::WornFlash worn(board_.flash());
    const std::uint32_t journal_at = 2 * spec.slot_units * spec.unit_bytes;
    Journal journal(Region(worn, journal_at, board_.map().journal.bytes()));
    std::array<std::uint8_t, 256> scratch{};
    const BootReport report =
        boot(journal, {.map = board_.map(), .crypto = crypto_, .keys = shop().identity().keys, .scratch = scratch});
    EXPECT_EQ(report.slot, SlotId::a);
    EXPECT_EQ(report.cause, Error::io);
    EXPECT_FALSE(report.recorded);
}

struct Fit {
    const char* what;
    bool remap;
    std::uint32_t header_bytes;
    std::optional<std::uint32_t> rom_fixed;
    Error why;
};

TEST(SlotCheck, HoldsAnImageToTheAddressAndHeaderOfItsSlot) {
    constexpr std::uint32_t a = 0x8000;
    constexpr std::uint32_t b = 0x10000;
    const std::vector<Fit> cases = {
        {"free image, remap", true, 0x200, {}, Error::none},
        {"free image, no remap", false, 0x200, {}, Error::wrong_address},
        {"bound to its slot", false, 0x200, b, Error::none},
        {"bound to the other slot", false, 0x200, a, Error::wrong_address},
        {"bound to the common address", true, 0x200, a, Error::none},
        {"bound elsewhere", true, 0x200, b, Error::wrong_address},
        {"other header size", true, 0x100, {}, Error::wrong_header},
    };
    sim::NorFlash flash(Geometry{}, {{16, 1024}});
    for (const Fit& c : cases) {
        FlashMap map;
        map.slots[0] = {Region(flash, 0, 8192), a};
        map.slots[1] = {Region(flash, 8192, 8192), b};
        map.header_bytes = 0x200;
        map.remap = c.remap;
        const ImageInfo info{.version = {},
                             .header_bytes = c.header_bytes,
                             .total_bytes = 4000,
                             .load_address = c.rom_fixed.value_or(0),
                             .rom_fixed = c.rom_fixed.has_value()};
        const Result<void> fits = check_fit(map, SlotId::b, info);
        EXPECT_EQ(fits ? Error::none : fits.error(), c.why) << c.what;
    }
}

TEST(SlotCheck, AsksAllOfItOfTheImageInTheSlot) {
    OpensslCrypto crypto;
    const Buffer image = pack::sign_image(Buffer(500, 0x55), {}, shop().key()).value();
    sim::NorFlash flash(Geometry{}, {{16, 1024}});
    flash.poke(0, image);
    FlashMap map;
    map.slots[0] = {Region(flash, 0, 8192), 0};
    map.header_bytes = 0x100;
    std::array<std::uint8_t, 128> scratch{};
    EXPECT_EQ(check_slot(map, SlotId::a, Phase::ready, crypto, shop().identity().keys, scratch).error(),
              Error::wrong_header);
}

TEST(SlotCheck, RefusesACortexMImageThatStartsOutsideOfItself) {
    OpensslCrypto crypto;
    for (const auto& [reset, runs] : std::vector<std::pair<std::uint32_t, bool>>{
             {0x8201, true}, {0x8200 + 999, true}, {0x8200 + 1001, false}, {0x10201, false}, {0x8101, false}}) {
        Buffer program(1000, 0x55);
        store_le<std::uint32_t>(program, 4, reset);
        pack::SignOptions options;
        options.rom_fixed = 0x8000;
        const Buffer image = pack::sign_image(program, options, shop().key()).value();
        sim::NorFlash flash(Geometry{}, {{16, 1024}});
        flash.poke(0, image);
        FlashMap map;
        map.slots[0] = {Region(flash, 0, 8192), 0x8000};
        map.slots[1] = {Region(flash, 8192, 8192), 0x10000};
        map.header_bytes = 0x200;
        map.remap = false;
        map.cortex_m = true;
        std::array<std::uint8_t, 128> scratch{};
        const auto image_there = check_slot(map, SlotId::a, Phase::ready, crypto, shop().identity().keys, scratch);
        EXPECT_EQ(image_there.has_value(), runs) << std::hex << reset;
    }
}

}  // namespace
}  // namespace sb
