// What an installation keeps when its power is cut.
#include <gtest/gtest.h>

#include "core/delta/format_name.hpp"
#include "core/install/testing.hpp"

namespace sb {
namespace {

using install_testing::body;
using install_testing::Buffer;
using install_testing::shop;
using install_testing::spec;
using sim::Board;

class InstallCut : public install_testing::Install {
protected:
    static constexpr std::size_t usual_piece = 200;

    /// Installs `package`, read in pieces of `piece` bytes, and cuts the power at the first operation of flash, at the
    /// second one, and so on until it is complete before; each time it must be complete after the reset. `begin` makes
    /// the board as it is before; `check` is told the state after the reset.
    template <class Begin, class Check>
    void cut_everywhere(const Buffer& package, std::size_t piece, sim::Torn torn, Begin begin, Check check) {
        bool complete = false;
        for (std::uint64_t cut = 1; !complete; ++cut) {
            begin();
            board_->schedule(sim::PowerCut{cut, torn, cut});
            complete = board_->install(package, piece).has_value();
            board_->schedule(std::nullopt);
            static_cast<void>(board_->reset());
            const State state = board_->state();
            ASSERT_TRUE(board_->install(package, piece)) << "cut at operation " << cut;
            ASSERT_TRUE(board_->holds(SlotId::b, new_)) << "cut at operation " << cut;
            check(state);
            if (HasFatalFailure()) return;
        }
    }
};

/// Raw, but with a checkpoint only each 1100 bytes, where it stops to be asked for it.
class SeldomDecoder final : public Decoder {
public:
    explicit SeldomDecoder(std::uint32_t image_bytes) : image_bytes_(image_bytes) {}
    Result<Progress> decode(Bytes in, MutableBytes out) override {
        const std::uint32_t stop = std::min(image_bytes_, (made_ / every + 1) * every);
        const std::size_t count = std::min({in.size(), out.size(), std::size_t{stop - made_}});
        copy(out, in.first(count));
        made_ += static_cast<std::uint32_t>(count);
        return Progress{count, count, made_ == image_bytes_};
    }
    bool checkpoint(Checkpoint& to) const override {
        to = Checkpoint{};
        to.payload_offset = made_;
        return made_ % every == 0;
    }
    Result<void> restore(const Checkpoint& from, std::uint32_t) override {
        made_ = from.payload_offset;
        return {};
    }

private:
    static constexpr std::uint32_t every = 1100;
    std::uint32_t image_bytes_, made_ = 0;
};

TEST_F(InstallCut, GoesOnOnlyFromWhereNothingIsStaged) {
    const DecoderEntry seldom[] = {{[](DecoderStorage& at, const DecoderSetup& setup) -> Decoder* {
                                        return new (at.bytes.data()) SeldomDecoder(setup.image_bytes);
                                    },
                                    PayloadFormat::raw, false}};
    const Buffer package = shop().full(new_);
    const auto begin = [&] {
        use(spec);
        board_->decoders = seldom;
    };
    cut_everywhere(package, usual_piece, sim::Torn::complete, begin, [](const State&) {});
}

TEST_F(InstallCut, GoesOnWhereItWasAndAsksForNoMoreThanOneUnitAgain) {
    const Buffer package = shop().full(new_);
    for (const std::uint64_t operation : {8U, 15U, 22U, 30U, 38U}) {
        use(spec);
        board_->schedule(sim::PowerCut{operation, sim::Torn::partial, operation});
        board_->reset();
        ASSERT_FALSE(board_->install(package));
        const std::uint32_t written = board_->state().install.output_bytes;
        board_->schedule(std::nullopt);
        ASSERT_EQ(board_->reset().slot, SlotId::a);
        const std::uint32_t recorded = board_->state().install.output_bytes;
        EXPECT_GE(recorded, written);
        ASSERT_TRUE(board_->install(package));
        EXPECT_TRUE(board_->holds(SlotId::b, new_));
        if (recorded != 0) {
            const std::uint64_t wire = recorded / 256 * (256 + sizeof(BlockDigest));
            EXPECT_EQ(board_->resumed_from(), envelope_bytes(package).value().value() + wire);
        }
        const auto& erases = board_->flash().content().erase_counts;
        std::uint32_t again = 0;
        for (std::uint32_t u = spec.slot_units; u < 2 * spec.slot_units; ++u) again += erases[u] > 1 ? 1U : 0U;
        EXPECT_LE(again, 1U);
    }
}

TEST_F(InstallCut, GoesOnAfterEveryCutWhereSegmentsEndInsideAnEraseUnit) {
    // Segments of 1000 bytes and units of 1024: a decoder can go on where bytes wait that are not written yet.
    const Buffer package = shop().delta(old_, new_, PayloadFormat::endsley_lzma, 256, 1000);
    const Board::Moment at_rest = board_->moment();
    cut_everywhere(package, package.size(), sim::Torn::partial, [&] { board_->go_to(at_rest); }, [](const State&) {});
}

TEST_F(InstallCut, GoesOnLateInEveryFormatThatHasCheckpoints) {
    for (const PayloadFormat format : {PayloadFormat::endsley, PayloadFormat::endsley_lzma, PayloadFormat::vcdiff,
                                       PayloadFormat::hdiffsf, PayloadFormat::sbd, PayloadFormat::raw}) {
        const bool whole = format == PayloadFormat::raw;
        const Buffer package = whole ? shop().full(new_) : shop().delta(old_, new_, format, 256, 2048);
        use(spec);
        board_->install(package).value();
        const std::uint64_t operations = board_->flash().operations();
        use(spec);
        const std::uint64_t before = board_->flash().operations();
        board_->schedule(sim::PowerCut{(operations - before) * 3 / 4, sim::Torn::nothing});
        ASSERT_FALSE(board_->install(package)) << format_name(format);
        board_->schedule(std::nullopt);
        ASSERT_EQ(board_->reset().slot, SlotId::a);
        EXPECT_GE(board_->state().install.output_bytes, new_.size() / 3) << format_name(format);
        ASSERT_TRUE(board_->install(package)) << format_name(format);
        EXPECT_GT(board_->resumed_from(), 0U) << format_name(format);
        EXPECT_TRUE(board_->holds(SlotId::b, new_)) << format_name(format);
    }
}

TEST_F(InstallCut, GoesOnAtTheLastSegmentOfSbdAndAsksForNothingBeforeIt) {
    constexpr std::uint32_t segment_bytes = 2048, block_bytes = 256;
    const Buffer package = shop().delta(old_, new_, PayloadFormat::sbd, block_bytes, segment_bytes);
    const std::uint64_t payload_from = envelope_bytes(package).value().value();
    const Board::Moment at_rest = board_->moment();
    std::uint32_t most_recorded = 0, resumed = 0;
    const auto check = [&](const State& state) {
        const std::uint32_t recorded = state.install.output_bytes;
        if (state.boot.phase != Phase::writing || recorded == 0) return;
        ASSERT_TRUE(recorded % segment_bytes == 0 || recorded == new_.size()) << recorded;
        // the block that holds the checkpoint is the first one that is sent
        const std::uint32_t block = load_le<std::uint32_t>(state.install.checkpoint) / block_bytes;
        ASSERT_EQ(board_->resumed_from(), payload_from + std::uint64_t{block} * (block_bytes + sizeof(BlockDigest)));
        most_recorded = std::max(most_recorded, recorded);
        ++resumed;
    };
    cut_everywhere(package, package.size(), sim::Torn::partial, [&] { board_->go_to(at_rest); }, check);
    EXPECT_GT(resumed, 10U);
    EXPECT_GE(most_recorded, 3 * segment_bytes);
}

}  // namespace
}  // namespace sb
