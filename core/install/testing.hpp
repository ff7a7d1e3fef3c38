// core/install: what the tests of the session share: a board that runs one image, and the next one.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "core/install/session.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "sim/powercut/memo_crypto.hpp"
#include "sim/powercut/workshop.hpp"

namespace sb::install_testing {

using sim::Board;
using sim::BoardSpec;
using Buffer = std::vector<std::uint8_t>;

inline const sim::Workshop& shop() {
    static const sim::Workshop workshop;
    return workshop;
}

inline constexpr std::uint32_t body = 9000;
inline const BoardSpec spec{.name = "install", .unit_bytes = 1024, .slot_units = 12};

/// Where slot B of a board executes that has slots as large as those of `spec` and cannot remap.
inline constexpr std::uint32_t slot_b_address = 12 * 1024;

/// One version, linked for either slot of such a board.
struct Linked {
    explicit Linked(const Version& version, unsigned family = 0, std::uint32_t bytes = body)
        : a(shop().image(version, bytes, family, {}, 0)), b(shop().image(version, bytes, family, {}, slot_b_address)) {}
    [[nodiscard]] sim::Workshop::Pair pair() const { return {a, b}; }
    [[nodiscard]] const Buffer& of(SlotId slot) const { return slot == SlotId::a ? a : b; }

    Buffer a, b;
};

class Install : public testing::Test {
protected:
    Install()
        : crypto_(real_), old_(shop().image({.major = 1}, body)), new_(shop().image({.major = 1, .minor = 1}, body)) {
        use(spec);
    }
    void use(const BoardSpec& s) {
        board_ = std::make_unique<Board>(s, shop().identity(), crypto_);
        board_->provision(old_);
        EXPECT_EQ(board_->reset().slot, SlotId::a);
    }
    [[nodiscard]] Buffer slot_b() {
        Buffer seen(board_->map().slot(SlotId::b).region.bytes());
        EXPECT_TRUE(board_->map().slot(SlotId::b).region.read(0, seen));
        return seen;
    }
    /// The device is as before: old image untouched and running at the next boot, nothing pending.
    void expect_unharmed() {
        ASSERT_TRUE(board_->holds(SlotId::a, old_));
        const BootReport next = board_->reset();
        ASSERT_EQ(next.slot, SlotId::a);
        ASSERT_EQ(next.decision, Decision::active);
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_;
    Buffer old_;
    Buffer new_;
    std::unique_ptr<Board> board_;
};

}  // namespace sb::install_testing
