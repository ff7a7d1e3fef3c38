// Scheme inplace: a patch is staged, rewrites the image where it stands, and is undone.
#include <functional>
#include <random>

#include "core/boot/application.hpp"
#include "core/install/marks.hpp"
#include "core/install/there_and_back_testing.hpp"
#include "core/plan/plan.hpp"

namespace sb::rewrite_testing {
namespace {

using install_testing::Board;
using install_testing::BoardSpec;
using install_testing::Buffer;
using install_testing::shop;

constexpr std::uint32_t unit = 1024, slot_units = 10;
BoardSpec spec(std::uint32_t golden_units = 0) {
    return {.name = "rewrite",
            .unit_bytes = unit,
            .slot_units = slot_units,
            .scheme = Scheme::inplace,
            .golden_units = golden_units,
            .patch_units = 14};
}

class Rewrite : public install_testing::ThereAndBack {
protected:
    [[nodiscard]] Buffer patch(bool way_back = true) const {
        return shop().in_place(old_, new_, slot_units * unit, unit, way_back);
    }
};

TEST_F(Rewrite, MakesTheNewImageWhereTheOldOneStoodAndConfirmsIt) {
    use(spec());
    const Result<void> installed = board_->install(patch());
    ASSERT_TRUE(installed) << error_name(installed.error());
    EXPECT_TRUE(board_->holds(SlotId::a, old_)) << "staged, not begun";
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    for (int i = 0; i < 4; ++i) expect_runs(new_, Decision::active);
    EXPECT_EQ(board_->state().boot.confirmed_sequence, Version({.major = 1, .minor = 1}).sequence());
}

TEST_F(Rewrite, WorksThereAndBackWithEveryFormatThatCan) {
    for (const PayloadFormat format : {PayloadFormat::endsley_lzma, PayloadFormat::endsley, PayloadFormat::sbd}) {
        BoardSpec roomy = spec();
        roomy.patch_units = 22;
        use(roomy);
        ASSERT_TRUE(board_->install(shop().in_place(old_, new_, slot_units * unit, unit, true, format)));
        for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
        expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    }
}

TEST_F(Rewrite, IsUndoneWhenTheNewImageDoesNotConfirm) {
    use(spec());
    ASSERT_TRUE(board_->install(patch()));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(old_, Decision::switch_back, Error::tries_exhausted);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
    EXPECT_TRUE(board_->state().boot.confirmed_a);
    expect_runs(old_, Decision::active, Error::tries_exhausted);
    ASSERT_TRUE(board_->install(patch()));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, ErasesNoUnitOfTheSlotMoreThanTwiceInEachDirection) {
    use(spec());
    const auto before = board_->flash().content().erase_counts;
    ASSERT_TRUE(board_->install(patch()));
    const auto erased = [&](std::uint32_t allowed) {
        for (std::uint32_t i = 0; i < slot_units; ++i)
            EXPECT_LE(board_->flash().content().erase_counts[i] - before[i], allowed) << "unit " << i;
    };
    expect_runs(new_, Decision::trial);
    erased(2);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(board_->reset().slot);
    erased(4);
}

// What stands in A when the records are lost later, half a download or half a factory image, is no rewriting.
TEST_F(Rewrite, IsNotTakenUpAgainWithoutRecordsOnceItIsOver) {
    for (const bool back : {false, true}) {
        use(spec());
        ASSERT_TRUE(board_->install(patch()));
        expect_runs(new_, Decision::trial);
        if (back) {
            for (int i = 0; i < 3; ++i) ASSERT_TRUE(board_->reset().slot);
        } else {
            ASSERT_TRUE(board_->confirm());
        }
        board_->flash().poke(0, Buffer(unit, 0x00));
        board_->wipe_journal();
        const auto before = board_->flash().content();
        EXPECT_FALSE(board_->reset().slot);
        for (std::uint32_t i = 0; i < slot_units; ++i)
            EXPECT_EQ(board_->flash().content().erase_counts[i], before.erase_counts[i]) << "unit " << i;
    }
}

TEST_F(Rewrite, WithoutAWayBackEndsInTheFactoryImageOrWaitsForAnUpdate) {
    use(spec(8));
    ASSERT_TRUE(board_->install(patch(false)));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);

    use(spec());
    EXPECT_EQ(board_->install(patch(false)).error(), Error::no_way_back);
    board_->accept_no_way_back = true;
    ASSERT_TRUE(board_->install(patch(false)));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    const BootReport report = board_->reset();
    EXPECT_FALSE(report.slot);
    EXPECT_EQ(report.cause, Error::tries_exhausted);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, TakesAFullImageInUpdateModeOnly) {
    use(spec());
    EXPECT_EQ(board_->install(shop().full(new_)).error(), Error::bad_state);
    ASSERT_TRUE(board_->ask_for_update_mode());
    ASSERT_FALSE(board_->reset().slot);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, RefusesAPatchThatDoesNotFit) {
    use(spec());
    board_->accept_no_way_back = true;
    EXPECT_EQ(board_->install(shop().in_place(new_, old_, slot_units * unit, unit, false)).error(),
              Error::wrong_source);
    EXPECT_EQ(board_->install(shop().in_place(old_, new_, slot_units * unit + 512, unit, false)).error(),
              Error::too_large);
    EXPECT_EQ(board_->install(shop().in_place(old_, new_, (slot_units + 4) * unit, unit, false)).error(),
              Error::too_large);
    expect_runs(old_, Decision::active);
    BoardSpec small = spec();
    small.patch_units = 5;
    use(small);
    EXPECT_EQ(board_->install(patch()).error(), Error::too_large);
    small.scheme = Scheme::copy;
    small.patch_units = 0;
    use(small);
    EXPECT_EQ(board_->install(patch()).error(), Error::unsupported);
}

TEST_F(Rewrite, LeavesTheOldImageWhereTheStagedPatchRotted) {
    use(spec());
    ASSERT_TRUE(board_->install(patch()));
    const std::array<std::uint8_t, 4> rot{};
    board_->flash().poke(board_->regions().patch.offset + 700, rot);
    expect_runs(old_, Decision::switch_back, Error::bad_digest);
    EXPECT_EQ(board_->state().boot.phase, Phase::failed);
}

TEST_F(Rewrite, WorksOnPartsWhoseBlanksDoNotRead) {
    for (const std::uint32_t granule : {8U, 32U}) {
        for (const bool way_back : {false, true}) {
            BoardSpec blind = spec();
            blind.granule = granule;
            blind.ecc = true;
            blind.erased_readable = blind.reprogram_same = false;
            use(blind);
            board_->accept_no_way_back = true;
            ASSERT_TRUE(board_->install(patch(way_back)));
            expect_runs(new_, Decision::trial);
        }
    }
}

TEST_F(Rewrite, LosesNothingWhereTheBootloaderCannotDecodeIt) {
    use(spec());
    ASSERT_TRUE(board_->install(patch()));
    board_->decoders = board_->decoders.first(1);  // raw
    expect_runs(old_, Decision::switch_back, Error::no_decoder);
}

TEST_F(Rewrite, TakesNoPatchThatWasMadeForSmallerEraseUnits) {
    BoardSpec coarse = spec();
    coarse.unit_bytes = 2048;
    use(coarse);
    EXPECT_EQ(board_->install(shop().in_place(old_, new_, slot_units * 2048, 1024, true)).error(), Error::unsupported);
    ASSERT_TRUE(board_->install(shop().in_place(old_, new_, slot_units * 2048, 4096, true)));
    expect_runs(new_, Decision::trial);
}

TEST_F(Rewrite, UsesNoPackageButTheOneThatWasStaged) {
    use(spec());
    board_->accept_no_way_back = true;
    ASSERT_TRUE(board_->install(patch()));
    const Buffer other = shop().image({.minor = 5}, 6000, 0, 0);
    Buffer swapped = shop().in_place(old_, other, slot_units * unit, unit, false);
    swapped.resize((swapped.size() + 3) / 4 * 4, 0xFF);
    board_->flash().poke(board_->regions().patch.offset, swapped);
    expect_runs(old_, Decision::switch_back, Error::wrong_source);
}

TEST_F(Rewrite, IsNotUndoneByTheWayBackOfAnEarlierUpdate) {
    use(spec(8));
    ASSERT_TRUE(board_->install(patch()));
    expect_runs(new_, Decision::trial);
    ASSERT_TRUE(board_->confirm());
    ASSERT_TRUE(board_->ask_for_update_mode());
    ASSERT_FALSE(board_->reset().slot);
    ASSERT_TRUE(board_->install(shop().full(new_)));
    for (int i = 0; i < 3; ++i) expect_runs(new_, Decision::trial);
    expect_runs(golden_, Decision::switch_back, Error::tries_exhausted);
}

TEST(Shift, FitsOnlyWhereItsStepsCanBeCounted) {
    constexpr std::uint32_t units = 131072;
    sim::NorFlash part({.granule = 4}, {{units, 256}});
    const Region slot(part, 0, units * 256);
    EXPECT_FALSE(shift_fits(slot, 256, (units - 1) * 256));
    EXPECT_TRUE(shift_fits(slot, 4096, (units - 16) * 256));
}

/// A part of which one operation fails.
class FaultyFlash final : public Flash {
public:
    explicit FaultyFlash(Flash& good) : good_(good) {}
    [[nodiscard]] const Geometry& geometry() const override { return good_.geometry(); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override {
        return fails_to_read(offset) ? fail(Error::io) : good_.read(offset, out);
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, Bytes data) override {
        return fails_to_write(offset) ? fail(Error::io) : good_.program(offset, data);
    }
    [[nodiscard]] Result<void> erase(std::uint32_t offset) override {
        return fails_to_write(offset) ? fail(Error::io) : good_.erase(offset);
    }
    [[nodiscard]] Result<bool> is_blank(std::uint32_t offset, std::uint32_t length) override {
        return good_.is_blank(offset, length);
    }

    std::function<bool(std::uint32_t offset)> fails_to_read = [](std::uint32_t) { return false; };
    std::function<bool(std::uint32_t offset)> fails_to_write = fails_to_read;

private:
    Flash& good_;
};

class FaultyRewrite : public Rewrite {
protected:
    /// The next boots see the part through `faulty_`.
    void stage() {
        use(spec());
        ASSERT_TRUE(board_->install(patch()));
        staged_ = board_->moment();
        faulty_.emplace(board_->flash());
        const sim::BoardMap& at = board_->regions();
        map_ = board_->map();
        map_.slots[0].region = Region(*faulty_, at.slots[0].offset, at.slots[0].bytes);
        map_.patch = Region(*faulty_, at.patch.offset, at.patch.bytes);
        board_->bootloader = [this](Journal& journal, const BootDevice& given) {
            return boot_over_faults(journal, given);
        };
    }
    BootReport boot_over_faults(Journal& journal, const BootDevice& given) {
        const InstallDevice facts{.map = map_, .crypto = given.crypto, .keys = given.keys, .decoders = all_decoders};
        Marks marks(map_);
        const RewriteMover mover(facts, {reinterpret_cast<std::uint8_t*>(work_.data()), work_.size() * 8}, marks);
        return sb::boot(journal, BootDevice{.map = map_,
                                            .crypto = given.crypto,
                                            .keys = given.keys,
                                            .scratch = given.scratch,
                                            .tries = given.tries,
                                            .mover = &mover});
    }

    std::optional<FaultyFlash> faulty_;
    FlashMap map_;
    Board::Moment staged_;
    std::vector<std::uint64_t> work_ = std::vector<std::uint64_t>(4096);
};

TEST_F(FaultyRewrite, DoesWithoutMarks) {
    stage();
    const std::uint32_t marks = board_->regions().patch.offset + map_.patch_room();
    faulty_->fails_to_write = [&](std::uint32_t offset) {
        return offset >= marks && offset < board_->regions().journal.offset;
    };
    expect_runs(new_, Decision::trial);
}

TEST_F(FaultyRewrite, GoesOnAfterAReadThatFailedOnce) {
    stage();
    for (int bad = 1;; bad += 7) {
        board_->go_to(staged_);
        int reads = 0;
        faulty_->fails_to_read = [&](std::uint32_t) { return ++reads == bad; };
        static_cast<void>(board_->reset());
        faulty_->fails_to_read = [](std::uint32_t) { return false; };
        if (reads < bad) break;
        ASSERT_TRUE(board_->reset().slot) << "read " << bad;
    }
}

/// Cut at every operation of install, rewriting and undoing, the journal kept or lost.
class RewriteCut : public Rewrite, public testing::WithParamInterface<std::tuple<bool, PayloadFormat>> {};

TEST_P(RewriteCut, EndsWithAnImageThatRuns) {
    const auto [wipe, format] = GetParam();
    use(spec());
    const Buffer sent = shop().in_place(old_, new_, slot_units * unit, unit, true, format);
    const Board::Moment begin = board_->moment();
    bool struck = true;
    std::uint64_t at = 0;
    while (struck) {
        board_->go_to(begin);
        struck = live(sent, ++at, wipe);
        ASSERT_FALSE(HasFatalFailure()) << "cut at " << at;
        EXPECT_TRUE(done_) << "cut at " << at;
    }
    EXPECT_GT(at, 100U);
}

INSTANTIATE_TEST_SUITE_P(JournalKeptOrLost, RewriteCut,
                         testing::Combine(testing::Bool(),
                                          testing::Values(PayloadFormat::sbd, PayloadFormat::endsley_lzma)));

State marked(std::uint16_t step) {
    State state;
    state.boot.plan = Plan::rewrite;
    state.boot.step = state.boot.step_count = step;
    return state;
}

/// As a new session finds it.
std::optional<State> newest_in(const Region& area) {
    Marks marks(area);
    const std::optional<Marks::Found>& found = marks.look();
    return found ? std::optional(found->state) : std::nullopt;
}

TEST(Marks, GiveTheNewestThroughoutManyTurns) {
    const std::vector<EraseRun> maps[] = {{{2, 512}}, {{1, 4096}, {1, 512}}, {{1, 512}, {1, 4096}}, {{3, 512}}};
    for (const std::vector<EraseRun>& map : maps) {
        sim::NorFlash part({.granule = 4}, map);
        const Region area(part, 0, part.geometry().bytes);
        Marks marks(area);
        EXPECT_FALSE(marks.look());
        ASSERT_TRUE(marks.begin(marked(0)));
        for (std::uint16_t i = 1; i < 90; ++i) {
            ASSERT_TRUE(marks.add(marked(i))) << i;
            EXPECT_EQ(newest_in(area), marked(i));
            if (i % 3 != 0 || i > 30) continue;
            marks = Marks(area);  // another session
            ASSERT_TRUE(marks.begin(marked(i)));
        }
        EXPECT_EQ(part.rule_breaks(), 0U);
    }
}

/// Whatever a cut leaves of an erase or a program, the mark before stands until the next one is whole.
TEST(Marks, NeverGiveUpTheNewestBeforeTheNextStands) {
    for (std::uint64_t at = 1; at < 60; ++at) {
        for (const sim::Torn torn : {sim::Torn::nothing, sim::Torn::partial, sim::Torn::zeroed, sim::Torn::complete}) {
            sim::NorFlash part({.granule = 4}, {{2, 512}});
            const Region area(part, 0, 1024);
            std::uint16_t last = 0;
            Marks first(area);
            ASSERT_TRUE(first.begin(marked(0)));
            part.arm({.at_operation = at, .outcome = torn, .seed = at});
            for (std::uint16_t session = 1; session < 30 && part.powered(); ++session) {
                Marks marks(area);
                if (!marks.begin(marked(last)) || !marks.add(marked(static_cast<std::uint16_t>(last + 1)))) break;
                ++last;
            }
            part.power_on();
            const std::optional<State> newest = newest_in(area);
            ASSERT_TRUE(newest) << "operation " << at;
            EXPECT_TRUE(newest->boot.step == last || newest->boot.step == last + 1) << "operation " << at;
        }
    }
}

/// Nor do two cuts in a row, weak cells and all: the newest is at most one step behind what was done.
TEST(Marks, OutliveTwoCutsInARow) {
    for (std::uint64_t life = 1; life <= 3000; ++life) {
        std::mt19937_64 random(life);
        sim::NorFlash part({.granule = 4}, {{2, 1024}});
        const Region area(part, 0, 2048);
        std::uint16_t done = 0;
        bool begun = false;
        for (int session = 0, cuts = 0; session < 12; ++session, part.cycle_power()) {
            const std::optional<State> newest = newest_in(area);
            ASSERT_TRUE(newest || !begun) << "life " << life << ", session " << session;
            ASSERT_TRUE(!begun || newest->boot.step == done || newest->boot.step + 1 == done) << "life " << life;
            if (cuts < 2 && random() % 2 == 0)
                part.arm({.at_operation = 1 + random() % 12,
                          .outcome = static_cast<sim::Torn>(random() % sim::torn_kinds),
                          .seed = random(),
                          .weak_reads = static_cast<sim::WeakReads>(random() % 5)});
            Marks marks(area);
            if (marks.begin(marked(done))) begun = true;
            for (std::uint64_t steps = random() % 9; steps > 0 && part.powered(); --steps) {
                const bool added = marks.add(marked(++done)).has_value();
                EXPECT_EQ(added, part.powered());
            }
            if (!part.powered()) ++cuts;
        }
        EXPECT_EQ(part.rule_breaks(), 0U);
    }
}

}  // namespace
}  // namespace sb::rewrite_testing
