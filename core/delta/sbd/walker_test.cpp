#include "core/delta/sbd/walker.hpp"

#include <gtest/gtest.h>

#include "core/delta/sbd/testing.hpp"

namespace sb::sbd_testing::walker_test {
namespace {

using AllWalker = sbd::Walker<sbd::AllFields>;

constexpr std::uint32_t image_bytes = 4096, call_at = 264, target = 1056;

/// An old image with one call, and a map in which only the call's target has moved.
struct Ground {
    explicit Ground(const Calls& calls)
        : loaded(calls.base, image_bytes),
          old_image(image_bytes),
          new_image(image_bytes),
          source(Bytes(old_image), Bytes(new_image)) {
        ground.architecture = calls.architecture;
        ground.spaces = loaded.spaces;
        found = put_call(calls, old_image, call_at, target);
        tables.map = sbd::AddressMap(sbd::LearnedKeys(keys.data(), moved_by.data(), 8), {});
    }
    Ground(const Ground&) = delete;
    Ground& operator=(const Ground&) = delete;

    void look(std::uint32_t new_at, std::uint32_t at) { walker.look(place(new_at, at)); }
    void finish(std::uint32_t end) { walker.finish(place(end, 0)); }

    Loaded loaded;
    sbd::Ground ground;
    Buffer old_image, new_image;
    sbd::MemorySource source;
    std::array<std::uint32_t, 8> keys{}, moved_by{};
    sbd::Tables tables;
    AllWalker walker;
    bool found;

private:
    sbd::Place<sbd::MemorySource> place(std::uint32_t new_at, std::uint32_t at) {
        return {source, ground, tables, new_at, at};
    }
};

TEST(Walker, PredictsACallToWhatHasMoved) {
    for (const Calls& calls : all_calls) {
        SCOPED_TRACE(calls.name);
        Ground g(calls);
        ASSERT_TRUE(g.found);
        const std::uint32_t key = target, moved = calls.every == 33 ? 132 : 128, new_at = call_at + 64;
        g.tables.map.learned().learn(key, moved);
        Buffer expected = g.new_image;
        ASSERT_TRUE(put_call(calls, expected, new_at, target + moved));
        g.look(new_at, call_at);
        ASSERT_TRUE(g.walker.in_field());
        EXPECT_EQ(g.walker.confidence(), sbd::Confidence::exact);
        EXPECT_EQ(g.walker.field().key, target);
        const std::uint32_t bytes = g.walker.field().bytes;
        for (std::uint32_t k = 0; k < bytes; ++k) {
            EXPECT_EQ(g.walker.predicted(), expected[new_at + k]) << "byte " << k;
            EXPECT_EQ(g.walker.advance(), k + 1 == bytes);
        }
    }
}

TEST(Walker, LearnsWhereACallThatMissedWent) {
    for (const Calls& calls : all_calls) {
        SCOPED_TRACE(calls.name);
        Ground g(calls);
        ASSERT_TRUE(g.found);
        const std::uint32_t moved = calls.every == 33 ? 132 : 128;
        ASSERT_TRUE(put_call(calls, g.new_image, call_at, target + moved));
        g.look(call_at, call_at);
        ASSERT_TRUE(g.walker.in_field());
        g.walker.miss(true);
        const std::uint32_t bytes = g.walker.field().bytes;
        for (std::uint32_t k = 0; k < bytes; ++k) static_cast<void>(g.walker.advance());
        g.source.set_made(call_at + 8);
        g.finish(call_at + bytes);
        EXPECT_FALSE(g.walker.in_field());
        const sbd::Mapped to = g.tables.map.map(target);
        EXPECT_EQ(to.key, target + moved);
        EXPECT_EQ(to.confidence, sbd::Confidence::exact);
    }
}

TEST(Walker, FindsNothingInsideAnInstruction) {
    Ground g(all_calls[0]);
    // a long instruction of Thumb that is no branch, whose second half and what follows read as a call
    g.old_image[call_at - 2] = 0x00;
    g.old_image[call_at - 1] = 0xfb;
    g.look(call_at - 2, call_at - 2);
    EXPECT_FALSE(g.walker.in_field());
    static_cast<void>(g.walker.advance());
    g.look(call_at, call_at);
    EXPECT_FALSE(g.walker.in_field());
    g.walker.reset();
    g.look(call_at, call_at);
    EXPECT_TRUE(g.walker.in_field()) << "whoever begins there knows of no instruction before";
}

TEST(Walker, FindsNothingWithoutAnArchitectureOrWhereNothingCanStand) {
    Ground g(all_calls[0]);
    g.look(call_at + 1, call_at);
    EXPECT_FALSE(g.walker.in_field()) << "code stands at multiples of 2";
    g.ground.architecture = Architecture::none;
    g.look(call_at, call_at);
    EXPECT_FALSE(g.walker.in_field());
}

TEST(Walker, StaysInBoundsWhereverItIsSent) {
    Random random(3);
    for (const Calls& calls : all_calls) {
        Ground g(calls);
        for (auto& b : g.old_image) b = static_cast<std::uint8_t>(random());
        for (auto& b : g.new_image) b = static_cast<std::uint8_t>(random());
        g.source.set_made(image_bytes);
        for (int i = 0; i < 20000; ++i) {
            const std::uint32_t at = random() % 4 == 0 ? static_cast<std::uint32_t>(random())
                                                       : static_cast<std::uint32_t>(random() % (2 * image_bytes + 8));
            const auto new_at = static_cast<std::uint32_t>(random() % image_bytes);
            if (!g.walker.in_field()) g.look(new_at, at);
            if (random() % 2 == 0) g.walker.miss(true);
            if (g.walker.in_field()) {
                static_cast<void>(g.walker.predicted());
                if (g.walker.advance()) g.finish(new_at);
            }
            if (random() % 8 == 0) g.walker.drop();
        }
    }
}

}  // namespace
}  // namespace sb::sbd_testing::walker_test
