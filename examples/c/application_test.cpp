// The application in C, from start to start.
#include "examples/c/application.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "capi/testing.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb::examples_application_test {
namespace {

using Buffer = std::vector<std::uint8_t>;
constexpr std::uint32_t body = 9000;

const sim::Workshop& shop() {
    static const sim::Workshop workshop;
    return workshop;
}

/// Offers a package a piece at a time, and none at every other turn.
struct Sender {
    Buffer package;
    unsigned turns = 0;
    std::size_t damaged_at = SIZE_MAX;  // one byte, once

    static std::size_t receive(void* self, std::uint64_t offset, void* to, std::size_t bytes) {
        auto& sender = *static_cast<Sender*>(self);
        if (++sender.turns % 2 == 0 || offset >= sender.package.size()) return 0;
        const std::size_t count = std::min<std::size_t>(bytes, sender.package.size() - offset);
        std::copy_n(sender.package.begin() + static_cast<std::ptrdiff_t>(offset), count,
                    static_cast<std::uint8_t*>(to));
        if (sender.damaged_at - offset < count) {
            static_cast<std::uint8_t*>(to)[sender.damaged_at - offset] ^= 0x10;
            sender.damaged_at = SIZE_MAX;
        }
        return count;
    }
    app_link link() { return {this, receive}; }
};

class ApplicationInC : public testing::Test {
protected:
    ApplicationInC() : old_(shop().image({.major = 1}, body)), new_(shop().image({.major = 1, .minor = 1}, body)) {
        identity_.crypto = capi_testing::as_c(crypto_);
        copy(identity_.key.point, shop().identity().keys[0].key);
        copy(identity_.vendor, shop().identity().vendor);
        copy(identity_.device_class, shop().identity().device_class);
        app_flash_erase_all();
        std::ranges::copy(old_, app_flash());
        EXPECT_EQ(reset().slot, SWITCHBACK_SLOT_A);
        EXPECT_EQ(start(SWITCHBACK_SLOT_A), SWITCHBACK_OK);
    }
    switchback_boot_report reset() {
        switchback_boot_report report{};
        EXPECT_EQ(app_boot(&identity_, &report), SWITCHBACK_OK);
        return report;
    }
    switchback_result start(switchback_slot running) {
        return app_start(&identity_, running,
                         {this, [](void* self) { return static_cast<ApplicationInC*>(self)->heat_; }});
    }
    app_event run(Sender& sender, unsigned turns = 2000) {
        for (unsigned i = 0; i < turns; ++i)
            if (const app_event event = app_step(sender.link()); event != APP_WORKS) return event;
        return APP_WORKS;
    }
    switchback_state state() {
        switchback_state state{};
        EXPECT_EQ(app_state(&state), SWITCHBACK_OK);
        return state;
    }

    OpensslCrypto crypto_;
    app_identity identity_{};
    Buffer old_, new_;
    int heat_ = 21;
};

TEST_F(ApplicationInC, ConfirmsItselfWhenItWorks) {
    EXPECT_TRUE(state().active_confirmed);
    EXPECT_EQ(state().running, SWITCHBACK_SLOT_A);
}

TEST_F(ApplicationInC, ReceivesAnUpdateWhileItWorks) {
    for (const Buffer& package :
         {shop().full(new_), shop().delta(old_, new_, PayloadFormat::endsley_lzma, 256, 4096)}) {
        Sender sender{package};
        sender.damaged_at = package.size() - 20;
        ASSERT_EQ(run(sender), APP_WANTS_RESET) << switchback_result_name(app_last_result());
        EXPECT_GE(app_measurements(), sender.turns) << "no turn went by without a measurement";
        EXPECT_EQ(sender.damaged_at, SIZE_MAX);
        const switchback_boot_report report = reset();
        ASSERT_EQ(report.slot, SWITCHBACK_SLOT_B);
        ASSERT_EQ(report.decision, SWITCHBACK_TRIAL);
        EXPECT_TRUE(std::equal(new_.begin(), new_.end(), app_flash() + APP_SLOT_BYTES));
        ASSERT_EQ(start(report.slot), SWITCHBACK_OK);
        EXPECT_EQ(state().active, SWITCHBACK_SLOT_B);
        EXPECT_EQ(reset().decision, SWITCHBACK_ACTIVE);
        // and once more from the factory
        app_flash_erase_all();
        std::ranges::copy(old_, app_flash());
        ASSERT_EQ(start(reset().slot), SWITCHBACK_OK);
    }
}

TEST_F(ApplicationInC, GoesOnAfterAResetInTheMiddle) {
    Sender sender{shop().full(new_)};
    ASSERT_EQ(run(sender, 80), APP_WORKS);
    ASSERT_EQ(start(reset().slot), SWITCHBACK_OK);
    EXPECT_GT(state().image_bytes, 0U);
    EXPECT_EQ(run(sender), APP_WANTS_RESET);
}

TEST_F(ApplicationInC, IsSwitchedBackFromWhenItsSelfTestFails) {
    Sender sender{shop().full(new_)};
    ASSERT_EQ(run(sender), APP_WANTS_RESET);
    heat_ = 1000;
    for (int boots = 0; boots < 3; ++boots) {
        const switchback_boot_report report = reset();
        ASSERT_EQ(report.slot, SWITCHBACK_SLOT_B);
        EXPECT_EQ(start(report.slot), SWITCHBACK_IO);
        EXPECT_EQ(app_step(sender.link()), APP_WANTS_RESET);
    }
    heat_ = 21;
    const switchback_boot_report back = reset();
    EXPECT_EQ(back.slot, SWITCHBACK_SLOT_A);
    EXPECT_EQ(back.decision, SWITCHBACK_SWITCH_BACK);
    EXPECT_EQ(start(back.slot), SWITCHBACK_OK);
    EXPECT_EQ(state().cause, SWITCHBACK_TRIES_EXHAUSTED);
}

TEST_F(ApplicationInC, RefusesAStrangersPackageAndWorksOn) {
    const sim::Workshop stranger;
    Sender sender{stranger.full(stranger.image({.major = 2}, body))};
    ASSERT_EQ(run(sender), APP_UPDATE_REFUSED);
    EXPECT_EQ(app_last_result(), SWITCHBACK_UNKNOWN_KEY);
    Sender good{shop().full(new_)};
    EXPECT_EQ(run(good), APP_WANTS_RESET);
}

TEST_F(ApplicationInC, TakesNoSlotThatNobodySetForOne) {
    EXPECT_EQ(start(SWITCHBACK_SLOT_NONE), SWITCHBACK_NOT_RUNNING);
}

}  // namespace
}  // namespace sb::examples_application_test
