// Packages with a build for each slot, on a board whose parts cannot remap.
#include <gtest/gtest.h>

#include "core/base/error_name.hpp"
#include "core/delta/raw.hpp"
#include "core/install/testing.hpp"

namespace sb {
namespace {

using install_testing::body;
using install_testing::Buffer;
using install_testing::Linked;
using install_testing::shop;
using install_testing::slot_b_address;
using sim::Board;
using sim::BoardSpec;

const BoardSpec bound{.name = "bound", .unit_bytes = 1024, .slot_units = 12, .remap = false};

/// What the envelope says for a slot, and where its payload begins in the file.
struct Opened {
    Package package;
    std::uint64_t payload_at = 0;
};

class SlotBuilds : public testing::Test {
protected:
    SlotBuilds() : crypto_(real_), v1_({.major = 1}), v2_({.major = 1, .minor = 1}) { use(bound); }

    void use(const BoardSpec& board) {
        board_ = std::make_unique<Board>(board, shop().identity(), crypto_);
        board_->provision(v1_.a);
        EXPECT_EQ(board_->reset().slot, SlotId::a);
    }
    void boot_and_confirm(SlotId expected) {
        ASSERT_EQ(board_->reset().slot, expected);
        ASSERT_TRUE(board_->confirm());
        ASSERT_EQ(board_->reset().slot, expected);  // until then the other one is locked
    }
    [[nodiscard]] Opened open(const Buffer& package, SlotId slot) {
        const std::size_t envelope = envelope_bytes(package).value().value();
        const Package opened = open_package(Bytes(package).first(envelope), crypto_, shop().identity().keys,
                                            static_cast<std::uint32_t>(index_of(slot)))
                                   .value();
        return {opened, envelope + opened.chain_from};
    }
    [[nodiscard]] Error error_of(const Buffer& package) {
        const Result<void> answer = board_->install(package);
        return answer ? Error::none : answer.error();
    }

    OpensslCrypto real_;
    sim::MemoCrypto crypto_;
    Linked v1_, v2_;
    std::unique_ptr<Board> board_;
};

TEST_F(SlotBuilds, GoFromSlotToSlotEachWithItsOwnWholeOrDelta) {
    const Linked v3({.major = 1, .minor = 2});
    for (const PayloadFormat format : {PayloadFormat::raw, PayloadFormat::lzma, PayloadFormat::endsley,
                                       PayloadFormat::endsley_lzma, PayloadFormat::sbd}) {
        const bool delta = is_delta(format);
        const auto package = [&](const Linked& from, const Linked& to) {
            return shop().for_each_slot(delta ? from.pair() : sim::Workshop::Pair{}, to.pair(), format, 256, 4096);
        };
        for (const std::size_t piece : {std::size_t{1}, std::size_t{51}, std::size_t{100'000}}) {
            use(bound);
            ASSERT_TRUE(board_->install(package(v1_, v2_), piece));
            ASSERT_TRUE(board_->holds(SlotId::b, v2_.b));
            boot_and_confirm(SlotId::b);
            ASSERT_TRUE(board_->install(package(v2_, v3), piece));
            ASSERT_TRUE(board_->holds(SlotId::a, v3.a));
            boot_and_confirm(SlotId::a);
        }
    }
}

/// Feeds a session by hand, to see what it asks for.
class SlotBuildsByHand : public SlotBuilds {
protected:
    struct Told {
        std::uint64_t fed = 0;
        std::uint64_t last_wanted = 0;
        bool complete = false;
        bool staged = false;
    };
    /// Sends `package` in pieces; a sender that cannot seek goes through it once, whatever it is answered.
    Told send(const Buffer& package, std::size_t piece, bool seeks) {
        Journal journal(board_->map().journal);
        EXPECT_TRUE(journal.open());
        constexpr DecoderEntry decoders[] = {raw_decoder};
        const InstallDevice device{.map = board_->map(),
                                   .crypto = crypto_,
                                   .keys = shop().identity().keys,
                                   .vendor = shop().identity().vendor,
                                   .device_class = shop().identity().device_class,
                                   .decoders = decoders,
                                   .running = board_->running()};
        alignas(8) std::array<std::uint8_t, install_work_bytes(1024, 0)> work{};
        InstallSession session(device, journal, work);
        Told told;
        for (std::uint64_t at = 0; at < package.size() && !session.complete();) {
            const Bytes rest = Bytes(package).subspan(static_cast<std::size_t>(at));
            const Bytes sent = rest.first(std::min(piece, rest.size()));
            told.fed += sent.size();
            const Result<std::uint64_t> wanted = session.write(at, sent);
            EXPECT_TRUE(wanted) << error_name(wanted.error());
            if (!wanted) return told;
            EXPECT_EQ(session.package_bytes() == 0 || session.package_bytes() == package.size(), true);
            told.last_wanted = *wanted;
            at = seeks ? *wanted : at + sent.size();
        }
        told.complete = session.complete();
        told.staged = session.stage().has_value();
        return told;
    }
};

TEST_F(SlotBuildsByHand, ASenderThatSeeksSendsNothingThatIsForTheOtherSlot) {
    const Buffer package = shop().for_each_slot({}, v2_.pair());
    const Opened b = open(package, SlotId::b);
    // The envelope's end is not known to the sender: at most a piece is sent in vain.
    const Told told = send(package, 64, true);
    EXPECT_TRUE(told.staged);
    const std::uint64_t envelope = b.payload_at - b.package.chain_from;
    EXPECT_LE(told.fed, envelope + b.package.payload.chain_bytes() + 64);
    EXPECT_EQ(told.last_wanted, package.size());

    boot_and_confirm(SlotId::b);
    const Linked v3({.major = 1, .minor = 2});
    const Buffer next = shop().for_each_slot({}, v3.pair());
    const Opened a = open(next, SlotId::a);
    const Told back = send(next, 64, true);
    EXPECT_TRUE(back.staged);
    EXPECT_LE(back.fed, a.payload_at + a.package.payload.chain_bytes() + 64);
    EXPECT_EQ(back.last_wanted, next.size()) << "what is behind is not wanted";
    EXPECT_TRUE(board_->holds(SlotId::a, v3.a));
}

TEST_F(SlotBuildsByHand, ASenderThatCannotSeekIsIgnoredUntilItComesToTheRightPayload) {
    const Buffer package = shop().for_each_slot({}, v2_.pair());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{200}, std::size_t{4096}, package.size()}) {
        use(bound);
        const Told told = send(package, piece, false);
        EXPECT_TRUE(told.complete) << piece;
        EXPECT_TRUE(told.staged);
        EXPECT_EQ(told.last_wanted, package.size());
        EXPECT_TRUE(board_->holds(SlotId::b, v2_.b));
    }
}

TEST_F(SlotBuilds, WhatIsForTheOtherSlotIsNeverLookedAt) {
    Buffer package = shop().for_each_slot({}, v2_.pair());
    const Opened a = open(package, SlotId::a), b = open(package, SlotId::b);
    std::fill(package.begin() + static_cast<std::ptrdiff_t>(a.payload_at),
              package.begin() + static_cast<std::ptrdiff_t>(b.payload_at), std::uint8_t{0x5A});
    EXPECT_TRUE(board_->install(package));
    EXPECT_TRUE(board_->holds(SlotId::b, v2_.b));
}

TEST_F(SlotBuilds, ADamagedBlockOfTheRightPayloadIsNotTaken) {
    Buffer package = shop().for_each_slot({}, v2_.pair());
    package[static_cast<std::size_t>(open(package, SlotId::b).payload_at)] ^= 1;
    EXPECT_EQ(error_of(package), Error::bad_digest);
}

TEST_F(SlotBuilds, GoOnAfterACutWhereTheyWere) {
    for (const bool delta : {false, true}) {
        use(bound);
        const Buffer package = delta ? shop().for_each_slot(v1_.pair(), v2_.pair(), PayloadFormat::endsley, 256)
                                     : shop().for_each_slot({}, v2_.pair());
        const Opened b = open(package, SlotId::b);
        board_->schedule(sim::PowerCut{24, sim::Torn::nothing});
        board_->reset();
        ASSERT_EQ(error_of(package), Error::power_lost);
        ASSERT_EQ(board_->reset().slot, SlotId::a);
        ASSERT_GT(board_->state().install.output_bytes, 0U);
        ASSERT_TRUE(board_->install(package));
        EXPECT_GT(board_->resumed_from(), b.payload_at);
        EXPECT_TRUE(board_->holds(SlotId::b, v2_.b));
        boot_and_confirm(SlotId::b);
    }
}

TEST_F(SlotBuilds, StartFromWhatRunsInTheOtherSlotAndFromNothingElse) {
    const Linked stranger({.major = 1, .minor = 0, .build = 7}, 3);
    const auto delta = [&](const sim::Workshop::Pair& from) {
        return shop().for_each_slot(from, v2_.pair(), PayloadFormat::endsley);
    };
    const std::uint64_t operations = board_->flash().operations();
    EXPECT_EQ(error_of(delta(stranger.pair())), Error::wrong_source);
    EXPECT_EQ(error_of(delta({v1_.b, v1_.a})), Error::wrong_source) << "that is what slot A's payload starts from";
    EXPECT_EQ(board_->flash().operations(), operations);
    EXPECT_EQ(error_of(delta({v1_.a, stranger.b})), Error::none) << "the other source is no matter of this device";
}

TEST_F(SlotBuilds, AreTakenTwiceWithoutWritingThemAgain) {
    const Buffer package = shop().for_each_slot({}, v2_.pair());
    ASSERT_TRUE(board_->install(package));
    const std::uint64_t operations = board_->flash().operations();
    ASSERT_TRUE(board_->install(package));
    EXPECT_EQ(board_->flash().operations(), operations);
}

TEST_F(SlotBuilds, WhereEitherSlotRunsAtOneAddressItIsTheBuildForSlotA) {
    BoardSpec remaps = bound;
    remaps.remap = true;
    BoardSpec swaps = remaps;
    swaps.scheme = Scheme::swap;
    for (const BoardSpec& board : {remaps, swaps}) {
        use(board);
        ASSERT_TRUE(board_->install(shop().for_each_slot({}, v2_.pair())));
        const BootReport booted = board_->reset();
        ASSERT_TRUE(booted.slot.has_value());
        EXPECT_TRUE(board_->holds(*booted.slot, v2_.a));
    }
}

TEST_F(SlotBuilds, ThatAreExchangedAreRefusedBeforeAnythingIsErased) {
    EXPECT_EQ(error_of(shop().for_each_slot({}, {v2_.b, v2_.a})), Error::wrong_address);
    const auto& erases = board_->flash().content().erase_counts;
    for (std::uint32_t unit = 0; unit < 2 * bound.slot_units; ++unit) EXPECT_EQ(erases[unit], 0U);
    EXPECT_EQ(board_->reset().decision, Decision::active);
}

TEST_F(SlotBuilds, AloneForTheWrongSlotAreRefused) {
    EXPECT_EQ(error_of(shop().full(v2_.a)), Error::wrong_address);
    EXPECT_EQ(error_of(shop().full(v2_.b)), Error::none);
}

}  // namespace
}  // namespace sb
